package cloud.runbeam.wgagent.platform.linux.tun;

import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;

/** What a TUN device spares its host, found when it is made: each level falls back to the next. */
public enum TunOffload {
  /** TCP and UDP super-packets of up to 64 KiB (Linux 6.2: TUN_F_USO4, TUN_F_USO6). */
  TCP_AND_UDP(FrameHeader.VIRTIO_NET, true, "TCP and UDP super-packets"),
  /** TCP super-packets. */
  TCP(FrameHeader.VIRTIO_NET, true, "TCP super-packets; for UDP this kernel is older than 6.2"),
  /** The host hands over single packets, and takes TCP super-packets from us. */
  TOWARDS_HOST(FrameHeader.VIRTIO_NET, true, "towards the host only: TUNSETOFFLOAD was refused"),
  /** A frame is one packet: the kernel has nothing else. */
  NONE(FrameHeader.NONE, false, "this kernel has no IFF_VNET_HDR"),
  /** A frame is one packet: nothing else was asked for. */
  NOT_WANTED(FrameHeader.NONE, false, "switched off by configuration");

  private final FrameHeader frameHeader;
  private final boolean on;
  private final String detail;

  TunOffload(FrameHeader frameHeader, boolean on, String detail) {
    this.frameHeader = frameHeader;
    this.on = on;
    this.detail = detail;
  }

  FrameHeader frameHeader() {
    return frameHeader;
  }

  /** For people and metrics. */
  OffloadState state() {
    return new OffloadState(OffloadState.TUN, on, detail);
  }

  /** For people to read. */
  @Override
  public String toString() {
    return state().text();
  }
}
