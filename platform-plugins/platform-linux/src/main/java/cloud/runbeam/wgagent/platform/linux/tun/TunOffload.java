package cloud.runbeam.wgagent.platform.linux.tun;

import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;

/** What a TUN device spares its host, found when it is made: each level falls back to the next. */
public enum TunOffload {
  /** TCP and UDP super-packets of up to 64 KiB (Linux 6.2: TUN_F_USO4, TUN_F_USO6). */
  TCP_AND_UDP(FrameHeader.VIRTIO_NET, "on: TCP and UDP super-packets"),
  /** TCP super-packets. */
  TCP(FrameHeader.VIRTIO_NET, "on: TCP super-packets; for UDP this kernel is older than 6.2"),
  /** The host hands over single packets, and takes TCP super-packets from us. */
  TOWARDS_HOST(FrameHeader.VIRTIO_NET, "towards the host only: TUNSETOFFLOAD was refused"),
  /** A frame is one packet. */
  NONE(FrameHeader.NONE, "off: this kernel or the configuration has no IFF_VNET_HDR");

  private final FrameHeader frameHeader;
  private final String text;

  TunOffload(FrameHeader frameHeader, String text) {
    this.frameHeader = frameHeader;
    this.text = text;
  }

  FrameHeader frameHeader() {
    return frameHeader;
  }

  /** For people to read. */
  @Override
  public String toString() {
    return text;
  }
}
