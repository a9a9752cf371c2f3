package cloud.runbeam.wgagent.platform.linux.udp;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import cloud.runbeam.wgagent.platform.linux.testkit.ScriptedCalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What sockets tell about their offloads, and that they work when they have none. */
@Tag("root")
class UdpOffloadTest {
  private static final byte[][] TRAIN = new byte[10][500];
  private static final OffloadState RECEIVE_ON =
      new OffloadState(OffloadState.UDP_RECEIVE, true, "");
  private static final OffloadState SEND_ON = new OffloadState(OffloadState.UDP_SEND, true, "");

  private final PrivateNetwork network = new PrivateNetwork();

  @AfterEach
  void end() {
    network.close();
  }

  private static Endpoint to(LinuxUdpTransport transport) {
    return Endpoint.ipv4(0x7F00_0001, transport.localPort());
  }

  private static void carriesATrain(UdpPair pair) {
    assertThat(pair.sendFromLeft(to(pair.right), TRAIN)).containsOnly(SendOutcome.SENT);
    assertThat(UdpPair.receive(pair.right, TRAIN.length, 64))
        .hasSize(TRAIN.length)
        .allSatisfy(datagram -> assertThat(datagram.bytes()).hasSize(500));
  }

  @Test
  void areOnWhereTheKernelHasThem() {
    try (UdpPair pair = new UdpPair(network, new LinuxUdp(), new LinuxUdp())) {
      assertThat(pair.left.offloads()).containsExactly(RECEIVE_ON, SEND_ON);
      carriesATrain(pair);
    }
  }

  @Test
  void areOffWhenToldSo() {
    try (UdpPair pair = new UdpPair(network, new LinuxUdp(false), new LinuxUdp(false))) {
      assertThat(pair.left.offloads())
          .extracting(OffloadState::text)
          .containsOnly("off: switched off by configuration");
      carriesATrain(pair);
    }
  }

  @Test
  void worksWithoutGroAndTellsWhy() {
    LinuxUdp old =
        new LinuxUdp(
            () -> new ScriptedCalls().refuseOption(ControlMessages.UDP_GRO, Errno.ENOPROTOOPT),
            true,
            true);
    try (UdpPair pair = new UdpPair(network, new LinuxUdp(), old)) {
      assertThat(pair.right.offloads().getFirst().text())
          .startsWith("off: setsockopt UDP_GRO: ENOPROTOOPT");
      assertThat(pair.right.offloads().getLast()).isEqualTo(SEND_ON);
      carriesATrain(pair);
    }
  }

  @Test
  void worksWithoutGsoAndTellsWhy() {
    LinuxUdp old =
        new LinuxUdp(
            () -> new ScriptedCalls().refuseOption(ControlMessages.UDP_SEGMENT, Errno.ENOPROTOOPT),
            true,
            true);
    try (UdpPair pair = new UdpPair(network, old, new LinuxUdp())) {
      assertThat(pair.left.offloads().getFirst()).isEqualTo(RECEIVE_ON);
      assertThat(pair.left.offloads().getLast().text())
          .startsWith("off: setsockopt UDP_SEGMENT: ENOPROTOOPT");
      carriesATrain(pair);
    }
  }

  @Test
  void tellsWhatItFoundOutWhileSending() {
    ScriptedCalls calls = new ScriptedCalls();
    try (UdpPair pair =
        new UdpPair(network, new LinuxUdp(() -> calls, true, true), new LinuxUdp())) {
      calls.refuseSend(send -> send == 0 ? Errno.EIO : 0);
      assertThat(pair.left.offloads().getLast()).isEqualTo(SEND_ON);
      carriesATrain(pair);
      assertThat(pair.left.offloads().getLast().on()).isFalse();
      assertThat(pair.left.offloads().getLast().detail())
          .startsWith("sendmmsg with UDP_SEGMENT: EIO");
    }
  }

  /** A receiver whose room for the first messages is too short for a train. */
  @SuppressWarnings("restricted") // Changes the messages that the kernel will see.
  private static final class ShortBuffers extends SystemCalls {
    private static final long VECTORS_OFFSET = 16;
    private static final long LENGTH_OFFSET = 8;

    private boolean shorten = true;

    @Override
    public int recvmmsg(int descriptor, long messages, int count, int flags) {
      if (shorten) {
        shorten = false;
        MemorySegment header = MemorySegment.ofAddress(messages).reinterpret(64);
        long vector = header.get(ValueLayout.JAVA_LONG, VECTORS_OFFSET);
        MemorySegment.ofAddress(vector)
            .reinterpret(16)
            .set(ValueLayout.JAVA_LONG, LENGTH_OFFSET, 1_200);
      }
      return super.recvmmsg(descriptor, messages, count, flags);
    }
  }

  @Test
  void throwsAwayATrainThatWasCutShortAndGoesOn() {
    LinuxUdp receiver = new LinuxUdp(ShortBuffers::new, true, true);
    try (UdpPair pair = new UdpPair(network, new LinuxUdp(), receiver)) {
      pair.sendFromLeft(to(pair.right), TRAIN);
      pair.sendFromLeft(to(pair.right), new byte[7]);

      assertThat(UdpPair.receiveOne(pair.right).bytes()).hasSize(7);
      assertThat(pair.right.discarded()).isEqualTo(1);
    }
  }
}
