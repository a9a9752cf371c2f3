package cloud.runbeam.wgagent.platform.linux.tun;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.testkit.Batches;
import cloud.runbeam.wgagent.platform.linux.testkit.Packets;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * TUN devices of kernels that offer less than this one: each level falls back to the next, says
 * why, and carries packets.
 */
@Tag("root")
class TunFallbackTest {
  private final PrivateNetwork network = new PrivateNetwork();

  @AfterEach
  void end() {
    network.close();
  }

  /** A kernel that refuses some of the requests about offloads. */
  @SuppressWarnings("restricted") // Looks at the argument that the kernel would see.
  private static final class OldKernel extends SystemCalls {
    private final int knownOffloads;
    private final boolean knowsFrameHeader;

    OldKernel(int knownOffloads, boolean knowsFrameHeader) {
      this.knownOffloads = knownOffloads;
      this.knowsFrameHeader = knowsFrameHeader;
    }

    @Override
    public int ioctl(int descriptor, long request, long argument) {
      if (request == TunIoctl.TUNSETOFFLOAD && (argument & ~knownOffloads) != 0) {
        return -Errno.EINVAL;
      }
      if (request == TunIoctl.TUNSETIFF && !knowsFrameHeader && wantsFrameHeader(argument)) {
        return -Errno.EINVAL;
      }
      int result = super.ioctl(descriptor, request, argument);
      if (request == TunIoctl.TUNGETFEATURES && !knowsFrameHeader) {
        MemorySegment features = MemorySegment.ofAddress(argument).reinterpret(Integer.BYTES);
        features.set(
            ValueLayout.JAVA_INT_UNALIGNED,
            0,
            features.get(ValueLayout.JAVA_INT_UNALIGNED, 0) & ~TunIoctl.IFF_VNET_HDR);
      }
      return result;
    }

    private static boolean wantsFrameHeader(long ifreq) {
      short flags =
          MemorySegment.ofAddress(ifreq)
              .reinterpret(TunIoctl.IFREQ_BYTES)
              .get(ValueLayout.JAVA_SHORT_UNALIGNED, TunIoctl.FLAGS_OFFSET);
      return (flags & TunIoctl.IFF_VNET_HDR) != 0;
    }
  }

  private static TunFactory factory(SystemCalls calls) {
    return new TunFactory(TunFactory.CONTROL_FILE, () -> calls);
  }

  private void expect(
      SystemCalls calls, TunOptions options, FrameHeader header, boolean udp, String text) {
    try (LinuxTun tun = network.call(() -> factory(calls).create("wgt0", 1420, options))) {
      assertThat(tun.frameHeader()).isEqualTo(header);
      assertThat(tun.takesUdpSuperPackets()).isEqualTo(udp);
      assertThat(tun.offloads()).extracting(OffloadState::kind).containsExactly("tun");
      assertThat(tun.offloads().getFirst().text()).startsWith(text);
      network.sh("ip address add 10.9.0.1/24 dev wgt0 && ip link set wgt0 up");
      CompletableFuture<Void> answered =
          CompletableFuture.runAsync(
              () -> answerOnePing(tun), task -> Thread.ofPlatform().daemon().start(task));
      network.sh("ping -q -c 1 -W 5 10.9.0.2");
      answered.join();
    }
  }

  private static void answerOnePing(LinuxTun tun) {
    PacketBatch frames = Batches.packets(4, 64);
    PacketBatch replies = Batches.packets(4, 64);
    int header = tun.frameHeader().bytes();
    try {
      while (replies.isEmpty() && tun.read(frames) > 0) {
        for (int i = 0; i < frames.size(); i++) {
          byte[] frame = Batches.bytes(frames, i);
          byte[] packet = Arrays.copyOfRange(frame, header, frame.length);
          if (Packets.isEchoRequest(packet)) {
            byte[] reply = Packets.echoReply(packet);
            byte[] whole = new byte[header + reply.length];
            System.arraycopy(reply, 0, whole, header, reply.length);
            Batches.append(replies, whole);
          }
        }
      }
      assertThat(tun.write(replies)).isEqualTo(1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void doesWithoutUdpSuperPacketsBeforeLinux62() {
    int tcp = TunIoctl.TUN_F_CSUM | TunIoctl.TUN_F_TSO4 | TunIoctl.TUN_F_TSO6;
    expect(
        new OldKernel(tcp, true),
        TunOptions.FASTEST,
        FrameHeader.VIRTIO_NET,
        false,
        "on: TCP super-packets; for UDP this kernel is older than 6.2");
  }

  @Test
  void keepsTheFrameHeaderWhereNoSegmentationIsToBeHad() {
    expect(
        new OldKernel(0, true),
        TunOptions.FASTEST,
        FrameHeader.VIRTIO_NET,
        false,
        "on: towards the host only: TUNSETOFFLOAD was refused");
  }

  @Test
  void doesWithoutFrameHeaderWhereTheKernelHasNone() {
    expect(
        new OldKernel(0, false),
        TunOptions.FASTEST,
        FrameHeader.NONE,
        false,
        "off: this kernel has no IFF_VNET_HDR");
  }

  @Test
  void doesWithoutFrameHeaderWhenToldSo() {
    expect(
        new SystemCalls(),
        TunOptions.PLAIN,
        FrameHeader.NONE,
        false,
        "off: switched off by configuration");
  }

  @Test
  void tellsWithoutADeviceWhatTheDriverOffers() {
    assertThat(new TunFactory().offered(TunOptions.FASTEST).text())
        .startsWith("on: TCP super-packets");
    assertThat(factory(new OldKernel(0, false)).offered(TunOptions.FASTEST).text())
        .isEqualTo("off: this kernel has no IFF_VNET_HDR");
    assertThat(new TunFactory("/nonexistent", SystemCalls::new).offered(TunOptions.FASTEST).text())
        .startsWith("off: open /nonexistent: ENOENT");
  }
}
