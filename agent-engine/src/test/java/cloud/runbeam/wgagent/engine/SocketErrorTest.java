package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sockets that refuse. What a receive does that fails is in {@code live.SocketFailureTest}. */
@ExtendWith(LeakCheck.class)
class SocketErrorTest {
  private AttackedTunnel tunnel;
  private SteppedDevice alice;
  private SteppedDevice bob;

  @BeforeEach
  void connect(TestInfo test) {
    tunnel = new AttackedTunnel(test.getDisplayName());
    alice = tunnel.alice;
    bob = tunnel.bob;
  }

  @AfterEach
  void end() {
    tunnel.close();
  }

  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE, ENDPOINT_UNREACHABLE",
    "NO_BUFFER, SOCKET_BUFFER_FULL",
    "TOO_LARGE, DATAGRAM_TOO_LARGE",
    "REFUSED, SEND_REFUSED",
    "CLOSED, DEVICE_DOWN",
    "FAILED, SEND_FAILED"
  })
  void countsEachRefusalUnderItsReasonAndGoesOn(SendOutcome outcome, DropReason reason) {
    long packets = alice.peer(bob).txPackets();
    long bytes = alice.peer(bob).txBytes();
    alice.host().refuseSends(outcome);
    for (int i = 0; i < 10; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "lost");
      tunnel.simulation.settle();
    }
    assertThat(alice.drops(bob, reason)).isEqualTo(10);
    assertThat(alice.peer(bob).txPackets()).as("packets that left").isEqualTo(packets);
    assertThat(alice.peer(bob).txBytes()).as("bytes that left").isEqualTo(bytes);
    tunnel.assertNothingDelivered();

    alice.host().refuseSends(null);
    tunnel.assertUnharmed();
  }

  @Test
  void asksForHandshakesAtTheirPaceThoughNoneCanBeSent() {
    tunnel.forgetSessions();
    alice.host().refuseSends(SendOutcome.UNREACHABLE);
    long initiated = alice.peer(bob).handshakesInitiated();
    for (int second = 0; second < 60; second++) {
      send(alice, "10.0.0.1", "10.0.0.2", "second " + second);
      tunnel.simulation.run(Duration.ofSeconds(1));
    }
    assertThat(alice.peer(bob).handshakesInitiated() - initiated).isBetween(10L, 13L);
    alice.host().refuseSends(null);
    tunnel.simulation.run(Duration.ofSeconds(6));
    assertThat(received(bob)).hasSize(60);
    tunnel.assertUnharmed();
  }

  @Test
  void forgetsASourceThatTheKernelDoesNotTakeAnyMore() {
    assertThat(bob.peer(alice).endpoint().orElseThrow().hasSource()).isTrue();
    bob.host().refuseSends(SendOutcome.SENT_WITHOUT_SOURCE);
    send(bob, "10.0.0.2", "10.0.0.1", "by another way");
    tunnel.simulation.settle();

    assertThat(received(alice)).containsExactly("by another way");
    assertThat(bob.peer(alice).endpoint().orElseThrow().hasSource()).isFalse();
    assertThat(bob.peer(alice).drops()).isEmpty();
    bob.host().refuseSends(null);
    tunnel.assertUnharmed();
  }

  @Test
  void countsEveryMessageThatLeftAndItsBytes() {
    tunnel.eve.forget();
    long packets = alice.peer(bob).txPackets();
    long bytes = alice.peer(bob).txBytes();
    for (int i = 0; i < 300; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "x".repeat(i));
    }
    tunnel.simulation.settle();
    assertThat(received(bob)).hasSize(300);
    assertThat(alice.peer(bob).txPackets() - packets).isEqualTo(300);
    assertThat(alice.peer(bob).txBytes() - bytes)
        .isEqualTo(tunnel.eve.heard().stream().mapToLong(sent -> sent.length()).sum());
  }
}
