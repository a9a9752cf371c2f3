package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.Eve;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import java.time.Duration;

/**
 * Alice and Bob with a session between them, and Eve on the wire. After whatever Eve did, {@link
 * #assertUnharmed} says whether everything is as if she had not been there.
 */
final class AttackedTunnel implements AutoCloseable {
  static final int PORT = 51_820;

  /** After so much silence nothing of a session is left. */
  private static final Duration UNTIL_FORGOTTEN = Duration.ofSeconds(560);

  private static final Duration LONG_TICK = Duration.ofMillis(250);

  final Simulation simulation;
  final Eve eve;
  final SteppedDevice alice;
  final SteppedDevice bob;
  private final int aliceIdleKeys;
  private final int bobIdleKeys;
  private int said;

  AttackedTunnel(String test) {
    simulation = new Simulation(test);
    eve = new Eve(simulation.network(), simulation.random().split());
    alice = simulation.device("alice", "192.0.2.1", PORT);
    bob = simulation.device("bob", "192.0.2.2", PORT);
    simulation.introduce(alice, bob, ToyHost.endpoint("192.0.2.2", PORT), "10.0.0.2/32");
    simulation.introduce(bob, alice, ToyHost.endpoint("192.0.2.1", PORT), "10.0.0.1/32");
    talk();
    forgetSessions();
    aliceIdleKeys = alice.keys().keysInUse();
    bobIdleKeys = bob.keys().keysInUse();
    talk();
    eve.forget();
  }

  /** A packet each way, Alice's first; each arrives once, and nothing else does. */
  void talk() {
    String fromAlice = "alice says " + said;
    String fromBob = "bob says " + said;
    said++;
    send(alice, "10.0.0.1", "10.0.0.2", fromAlice);
    simulation.settle();
    send(bob, "10.0.0.2", "10.0.0.1", fromBob);
    simulation.settle();
    assertThat(received(bob)).containsExactly(fromAlice);
    assertThat(received(alice)).containsExactly(fromBob);
  }

  /** A new session, begun by Alice; Eve hears all of it. */
  void renewSession() {
    simulation.run(Duration.ofSeconds(125), LONG_TICK);
    eve.forget();
    talk();
    talk();
  }

  /** Silence until both have wiped everything. */
  void forgetSessions() {
    simulation.run(UNTIL_FORGOTTEN, LONG_TICK);
    assertThat(alice.indexesInUse()).isZero();
    assertThat(bob.indexesInUse()).isZero();
  }

  /** Nothing came out of either tunnel since the last look. */
  void assertNothingDelivered() {
    assertThat(received(alice)).isEmpty();
    assertThat(received(bob)).isEmpty();
  }

  /** Both still send to where the other is. */
  void assertEndpointsUnmoved() {
    assertThat(alice.peer(bob).endpoint().orElseThrow().sameRemote(bob.host().endpoint(PORT)))
        .isTrue();
    assertThat(bob.peer(alice).endpoint().orElseThrow().sameRemote(alice.host().endpoint(PORT)))
        .isTrue();
  }

  /** Endpoints, tunnel, pools, key memory and index table are as if nothing had happened. */
  void assertUnharmed() {
    assertNothingDelivered();
    assertEndpointsUnmoved();
    talk();
    assertThat(alice.buffersLent()).isZero();
    assertThat(bob.buffersLent()).isZero();
    forgetSessions();
    assertThat(alice.keys().keysInUse()).isEqualTo(aliceIdleKeys);
    assertThat(bob.keys().keysInUse()).isEqualTo(bobIdleKeys);
    talk();
  }

  @Override
  public void close() {
    simulation.close();
  }
}
