package cloud.runbeam.wgagent.platform.linux.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.testkit.Batches;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import cloud.runbeam.wgagent.platform.linux.testkit.ScriptedCalls;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a socket does when the kernel refuses, forced by a script in place of the call. */
@Tag("root")
class UdpFaultsTest {
  private static final byte[][] TRAIN = new byte[10][500];

  private final PrivateNetwork network = new PrivateNetwork();
  private final ScriptedCalls calls = new ScriptedCalls();

  @AfterEach
  void end() {
    network.close();
  }

  private UdpPair pair() {
    return new UdpPair(network, new LinuxUdp(() -> calls, true, true), new LinuxUdp());
  }

  private static Endpoint to(LinuxUdpTransport transport) {
    return Endpoint.ipv4(0x7F00_0001, transport.localPort());
  }

  @Test
  void stopsSendingTrainsWhenTheDeviceCannotChecksumThem() {
    try (UdpPair pair = pair()) {
      calls.refuseSend(send -> send == 0 ? Errno.EIO : 0);
      assertThat(pair.sendFromLeft(to(pair.right), TRAIN)).containsOnly(SendOutcome.SENT);
      assertThat(pair.left.sendOffload()).startsWith("off: sendmmsg with UDP_SEGMENT: EIO");
      assertThat(UdpPair.receive(pair.right, TRAIN.length, 64)).hasSize(TRAIN.length);
      pair.sendFromLeft(to(pair.right), TRAIN);
      assertThat(calls.lastSendCount()).as("one message each").isEqualTo(TRAIN.length);
      assertThat(UdpPair.receive(pair.right, TRAIN.length, 64)).hasSize(TRAIN.length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EINVAL, Errno.EMSGSIZE})
  void sendsTheDatagramsOfARefusedTrainOneByOne(int errno) {
    try (UdpPair pair = pair()) {
      calls.refuseSend(send -> send == 0 ? errno : 0);
      assertThat(pair.sendFromLeft(to(pair.right), TRAIN)).containsOnly(SendOutcome.SENT);
      assertThat(UdpPair.receive(pair.right, TRAIN.length, 64)).hasSize(TRAIN.length);
      assertThat(pair.left.sendOffload()).as("another may pass").isEqualTo("on");
    }
  }

  @Test
  void stopsSendingTrainsThatAreAlwaysRefused() {
    try (UdpPair pair = pair()) {
      // Messages of several datagrams come alone here: refuse what is not a single datagram.
      for (int i = 0; i < 16; i++) {
        int first = calls.sends();
        calls.refuseSend(send -> send == first ? Errno.EINVAL : 0);
        assertThat(pair.sendFromLeft(to(pair.right), TRAIN)).containsOnly(SendOutcome.SENT);
      }
      assertThat(pair.left.sendOffload()).startsWith("off: sendmmsg with UDP_SEGMENT: EINVAL");
    }
  }

  @Test
  void worksWithoutOffloadsInTheKernel() {
    calls.refuseOption(ControlMessages.UDP_SEGMENT, Errno.ENOPROTOOPT);
    LinuxUdp old =
        new LinuxUdp(
            () -> new ScriptedCalls().refuseOption(ControlMessages.UDP_GRO, Errno.ENOPROTOOPT),
            true,
            true);
    try (UdpPair pair = new UdpPair(network, new LinuxUdp(() -> calls, true, true), old)) {
      assertThat(pair.left.sendOffload()).startsWith("off: setsockopt UDP_SEGMENT: ENOPROTOOPT");
      assertThat(pair.right.receiveOffload()).startsWith("off: setsockopt UDP_GRO: ENOPROTOOPT");
      pair.sendFromLeft(to(pair.right), TRAIN);
      assertThat(UdpPair.receive(pair.right, TRAIN.length, 64)).hasSize(TRAIN.length);
    }
  }

  @ParameterizedTest
  @CsvSource({
    Errno.EMSGSIZE + ",TOO_LARGE",
    Errno.EPERM + ",REFUSED",
    Errno.EACCES + ",REFUSED",
    Errno.ENETUNREACH + ",UNREACHABLE",
    Errno.EHOSTUNREACH + ",UNREACHABLE",
    Errno.ENETDOWN + ",UNREACHABLE",
    Errno.EAGAIN + ",NO_BUFFER",
    Errno.ENOBUFS + ",NO_BUFFER",
    Errno.EPIPE + ",CLOSED",
    Errno.EINVAL + ",FAILED",
  })
  void givesEachErrorItsMeaning(int errno, SendOutcome outcome) {
    try (UdpPair pair = pair()) {
      calls.refuseSend(send -> errno);
      assertThat(pair.sendFromLeft(to(pair.right), new byte[1], new byte[2])).containsOnly(outcome);
    }
  }

  @Test
  void triesAgainOnceWhenTheDeviceQueueIsFull() {
    try (UdpPair pair = pair()) {
      calls.refuseSend(send -> send == 0 ? Errno.ENOBUFS : 0);
      assertThat(pair.sendFromLeft(to(pair.right), new byte[1], new byte[2]))
          .containsOnly(SendOutcome.SENT);
    }
  }

  @Test
  void goesOnWithTheNextMessageAfterOneIsLost() {
    try (UdpPair pair = pair()) {
      calls.refuseSend(send -> send == 0 ? Errno.EPERM : 0);
      assertThat(pair.sendFromLeft(to(pair.right), new byte[1], new byte[2]))
          .containsExactly(SendOutcome.REFUSED, SendOutcome.SENT);
    }
  }

  @Test
  void absorbsErrorsOnReceive() {
    try (UdpPair pair = pair()) {
      calls.refuseReceive(
          Errno.ECONNREFUSED,
          Errno.EHOSTUNREACH,
          Errno.ENETDOWN,
          Errno.ENOMEM,
          Errno.EINTR,
          Errno.EPROTO);
      pair.sendFromRight(to(pair.left), new byte[3]);
      assertThat(UdpPair.receiveOne(pair.left).bytes()).hasSize(3);
    }
  }

  @Test
  void doesNotSpinOnErrorsThatStay() {
    try (UdpPair pair = pair()) {
      int[] errors = new int[28];
      Arrays.fill(errors, Errno.ENOMEM);
      calls.refuseReceive(errors);
      pair.sendFromRight(to(pair.left), new byte[3]);
      long beforeNs = System.nanoTime();
      assertThat(UdpPair.receiveOne(pair.left).bytes()).hasSize(3);
      // Twenty-one of them rested for 20 ms each.
      assertThat(System.nanoTime() - beforeNs).isGreaterThan(400_000_000L);
    }
  }

  @Test
  void failsWhereReceivingIsImpossible() {
    try (UdpPair pair = pair()) {
      calls.refuseReceive(Errno.ENOSYS);
      assertThatThrownBy(() -> pair.left.receive(Batches.datagrams(1, 1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ENOSYS");
    }
  }

  @Test
  void saysWhatToDoWhenMarkingIsNotAllowed() {
    calls.refuseOption(36, Errno.EPERM);
    assertThatThrownBy(() -> network.call(() -> new LinuxUdp(() -> calls, true, true).open(0, 7)))
        .cause()
        .hasMessageContaining("setsockopt SO_MARK: EPERM")
        .hasMessageContaining("CAP_NET_ADMIN");
  }
}
