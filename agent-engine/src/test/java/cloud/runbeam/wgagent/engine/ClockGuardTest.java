package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.AttackedTunnel.PORT;
import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.MemoryTimestampStore;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** A wall clock that is years off must not lock a peer out, also not after a restart. */
@ExtendWith(LeakCheck.class)
class ClockGuardTest {
  private static final Duration YEARS = Duration.ofDays(3_650);

  private Simulation simulation;
  private SteppedDevice bob;

  @BeforeEach
  void connect(TestInfo test) {
    simulation = new Simulation(test.getDisplayName());
    bob = simulation.device("bob", "192.0.2.2", PORT);
  }

  @AfterEach
  void end() {
    simulation.close();
  }

  @Test
  void isHeardAfterARestartWithAClockThatWentBackYears() {
    MemoryTimestampStore store = new MemoryTimestampStore();
    SteppedDevice alice = restartInTheFutureThenInThePresent(store);
    assertThat(received(bob)).containsExactly("from the present");
    // And again, now that the store is ahead of the clock for years.
    ToyHost host = alice.host();
    simulation.kill(alice);
    alice = startAlice(host, store);
    simulation.run(Duration.ofSeconds(1));
    send(alice, "10.0.0.1", "10.0.0.2", "once more");
    simulation.settle();
    assertThat(received(bob)).containsExactly("once more");
    assertThat(bob.drops(DropReason.REPLAYED_INITIATION)).isZero();
  }

  @Test
  void wouldBeLockedOutWithoutTheStore() {
    restartInTheFutureThenInThePresent(TimestampStore.NONE);
    assertThat(received(bob)).isEmpty();
    assertThat(bob.drops(DropReason.REPLAYED_INITIATION)).isPositive();
  }

  @Test
  void renewsSessionsWhateverTheWallClockDoes() {
    SteppedDevice alice = startAlice(simulation.network().host("192.0.2.1"), TimestampStore.NONE);
    for (int i = 0; i < 12; i++) {
      simulation.clock().jumpWall(i % 2 == 0 ? YEARS : YEARS.multipliedBy(-2));
      send(alice, "10.0.0.1", "10.0.0.2", "jump " + i);
      simulation.run(Duration.ofSeconds(130), Duration.ofMillis(50));
      assertThat(received(bob)).containsExactly("jump " + i);
    }
    assertThat(alice.peer(bob).handshakesCompleted()).isGreaterThan(5);
    assertThat(bob.drops(DropReason.REPLAYED_INITIATION)).isZero();
  }

  @Test
  void aSessionIsOverAfterASuspendThatItsClockCounts() {
    SteppedDevice alice = startAlice(simulation.network().host("192.0.2.1"), TimestampStore.NONE);
    send(alice, "10.0.0.1", "10.0.0.2", "good night");
    simulation.settle();
    simulation.clock().advance(Duration.ofHours(8));
    send(alice, "10.0.0.1", "10.0.0.2", "good morning");
    simulation.run(Duration.ofSeconds(6));
    assertThat(received(bob)).containsExactly("good night", "good morning");
    // Bob may have begun one, too: both woke up.
    assertThat(alice.peer(bob).handshakesCompleted()).isBetween(2L, 3L);
  }

  private SteppedDevice restartInTheFutureThenInThePresent(TimestampStore store) {
    simulation.clock().jumpWall(YEARS);
    SteppedDevice alice = startAlice(simulation.network().host("192.0.2.1"), store);
    send(alice, "10.0.0.1", "10.0.0.2", "from the future");
    simulation.settle();
    assertThat(received(bob)).containsExactly("from the future");

    ToyHost host = alice.host();
    simulation.kill(alice);
    simulation.clock().jumpWall(YEARS.negated());
    simulation.run(Duration.ofSeconds(1));
    alice = startAlice(host, store);
    send(alice, "10.0.0.1", "10.0.0.2", "from the present");
    simulation.settle();
    return alice;
  }

  private SteppedDevice startAlice(ToyHost host, TimestampStore store) {
    SteppedDevice alice = simulation.device("alice", host, PORT, store);
    simulation.introduce(alice, bob, ToyHost.endpoint("192.0.2.2", PORT), "10.0.0.2/32");
    simulation.introduce(bob, alice, null, "10.0.0.1/32");
    return alice;
  }
}
