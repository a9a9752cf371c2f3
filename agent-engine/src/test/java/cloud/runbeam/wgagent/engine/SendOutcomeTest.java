package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.engine.status.BufferSnapshot;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.LinkConditions;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What becomes of packets that the sockets do not take, and of the buffers that packets wait in.
 */
@ExtendWith(LeakCheck.class)
class SendOutcomeTest {
  private static final int PORT = 51_820;

  private Simulation simulation;
  private SteppedDevice alice;
  private SteppedDevice bob;

  @BeforeEach
  void connectAliceAndBob(TestInfo test) {
    simulation = new Simulation(test.getDisplayName());
    alice = simulation.device("alice", "192.0.2.1", PORT);
    bob = simulation.device("bob", "192.0.2.2", PORT);
    simulation.introduce(alice, bob, ToyHost.endpoint("192.0.2.2", PORT), "10.0.0.2/32");
    simulation.introduce(bob, alice, null, "10.0.0.1/32");
  }

  @AfterEach
  void end() {
    simulation.close();
  }

  @ParameterizedTest
  @CsvSource({
    "NO_BUFFER,SOCKET_BUFFER_FULL",
    "UNREACHABLE,ENDPOINT_UNREACHABLE",
    "TOO_LARGE,DATAGRAM_TOO_LARGE",
    "REFUSED,SEND_REFUSED",
    "FAILED,SEND_FAILED"
  })
  void countsALostPacketUnderItsReasonAndGoesOn(SendOutcome outcome, DropReason reason) {
    send(alice, "10.0.0.1", "10.0.0.2", "first");
    simulation.settle();
    assertThat(received(bob)).containsExactly("first");

    alice.host().refuseSends(outcome);
    send(alice, "10.0.0.1", "10.0.0.2", "second");
    send(alice, "10.0.0.1", "10.0.0.2", "third");
    simulation.settle();
    assertThat(received(bob)).isEmpty();
    assertThat(alice.peer(bob).drops()).containsEntry(reason, 2L);

    alice.host().refuseSends(null);
    send(alice, "10.0.0.1", "10.0.0.2", "fourth");
    simulation.settle();
    assertThat(received(bob)).containsExactly("fourth");
    assertThat(alice.peer(bob).drops()).containsEntry(reason, 2L);
  }

  @Test
  void takesBuffersForPacketsThatWaitAndGivesThemBack() {
    simulation.conditions(LinkConditions.delayed(Duration.ofMillis(40)));
    BufferSnapshot before = alice.path().stager().snapshot();
    for (int i = 0; i < 100; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "packet " + i);
    }
    simulation.settle();
    BufferSnapshot waiting = alice.path().stager().snapshot();
    simulation.run(Duration.ofMillis(200));

    assertThat(received(bob)).hasSize(100);
    assertThat(before.free()).isEqualTo(before.capacity());
    assertThat(waiting.free()).isEqualTo(before.capacity() - 100);
    assertThat(alice.path().stager().snapshot()).isEqualTo(before);
    assertThat(bob.path().stager().snapshot()).isEqualTo(before);
  }
}
