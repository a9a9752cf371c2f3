package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.AttackedTunnel.PORT;
import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Alice replaces her key while she talks to Bob, who is any WireGuard: to him she is two peers, the
 * new one of which his operator adds sooner or later.
 */
@ExtendWith(LeakCheck.class)
class KeyRotationTest {
  private static final Duration LONG_TICK = Duration.ofMillis(250);

  private AttackedTunnel tunnel;
  private Simulation simulation;
  private SteppedDevice alice;
  private SteppedDevice bob;
  private PublicKey oldKey;
  private PublicKey newKey;

  @BeforeEach
  void connect(TestInfo test) {
    tunnel = new AttackedTunnel(test.getDisplayName());
    simulation = tunnel.simulation;
    alice = tunnel.alice;
    bob = tunnel.bob;
    oldKey = alice.publicKey();
    try (SecretKey key = TestKeys.privateKey(alice.keys(), "alice, later")) {
      newKey = key.publicKey();
    }
  }

  @AfterEach
  void end() {
    tunnel.close();
  }

  @Test
  void goesOnUnderTheFormerKeyWhileThePeerKnowsNoOther() {
    begin();
    assertThat(alice.snapshot().publicKey()).contains(newKey);
    assertThat(alice.snapshot().formerPublicKey()).contains(oldKey);
    for (int minute = 0; minute < 10; minute++) {
      tunnel.talk();
      simulation.run(Duration.ofMinutes(1), LONG_TICK);
    }
    tunnel.talk();
    assertThat(alice.peer(bob).localIdentity()).contains(oldKey);
    assertThat(bob.drops(DropReason.INVALID_HANDSHAKE) + bob.drops(DropReason.UNKNOWN_PEER))
        .as("Bob was called as the new Alice, too")
        .isPositive();
  }

  @Test
  void aPeerThatWasToldCallsTheNewKeyAndMovesWithoutALoss() {
    begin();
    tunnel.talk();
    tellBob();
    send(bob, "10.0.0.2", "10.0.0.1", "to the new alice");
    simulation.settle();
    assertThat(received(alice)).containsExactly("to the new alice");
    send(alice, "10.0.0.1", "10.0.0.2", "from the new alice");
    simulation.settle();

    assertThat(received(bob)).containsExactly("from the new alice");
    assertThat(alice.peer(bob).localIdentity()).contains(newKey);
  }

  @Test
  void aPeerThatWasToldButIsSilentMovesWhenItIsAsked() {
    begin();
    tellBob();
    assertThat(alice.path().conductor().askWhetherMoved(simulation.clock().nowNs())).isOne();
    step(alice);
    assertThat(alice.peer(bob).localIdentity()).contains(newKey);
    send(alice, "10.0.0.1", "10.0.0.2", "hello");
    simulation.settle();
    assertThat(received(bob)).containsExactly("hello");
    assertThat(alice.path().conductor().askWhetherMoved(simulation.clock().nowNs())).isZero();
  }

  @Test
  void aQuestionThatIsNotAnsweredDisturbsNothing() {
    begin();
    long before = alice.peer(bob).handshakesInitiated();
    for (int i = 0; i < 5; i++) {
      assertThat(alice.path().conductor().askWhetherMoved(simulation.clock().nowNs())).isOne();
      step(alice);
      simulation.run(Duration.ofSeconds(10), LONG_TICK);
      tunnel.talk();
    }
    assertThat(alice.peer(bob).handshakesInitiated() - before).as("no retries").isEqualTo(5);
    assertThat(alice.indexesInUse()).isLessThanOrEqualTo(2);
  }

  @Test
  void staysWithTheNewSessionWhenTheOldEntryOfThePeerCallsAgain() {
    begin();
    tellBob();
    send(bob, "10.0.0.2", "10.0.0.1", "moved");
    simulation.settle();
    received(alice);
    // The entry of the old key has no prefixes left, but a keepalive.
    bob.apply(
        DeviceChange.ofPeers(
            List.of(
                new PeerChange(
                    oldKey,
                    false,
                    true,
                    Optional.empty(),
                    Optional.of(ToyHost.endpoint("192.0.2.1", PORT)),
                    Optional.of(25),
                    false,
                    List.of(),
                    List.of()))));
    for (int i = 0; i < 20; i++) {
      simulation.run(Duration.ofSeconds(20), LONG_TICK);
      send(alice, "10.0.0.1", "10.0.0.2", "still " + i);
      simulation.settle();
      assertThat(received(bob)).containsExactly("still " + i);
    }
    assertThat(alice.drops(bob, DropReason.SUPERSEDED_IDENTITY)).isPositive();
    assertThat(alice.peer(bob).localIdentity()).contains(newKey);
  }

  @Test
  void returnsToTheFormerKeyWithAPeerThatForgotTheNewOne() {
    begin();
    tellBob();
    send(bob, "10.0.0.2", "10.0.0.1", "moved");
    simulation.settle();
    received(alice);
    bob.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(newKey), peer(oldKey))));
    simulation.run(Duration.ofSeconds(200), LONG_TICK);
    send(bob, "10.0.0.2", "10.0.0.1", "back");
    simulation.run(Duration.ofSeconds(12), LONG_TICK);

    assertThat(received(alice)).containsExactly("back");
    assertThat(alice.peer(bob).localIdentity()).contains(oldKey);
  }

  @Test
  void callsByTheNameThatThePeerKnowsWhenThereIsNoSession() {
    begin();
    tunnel.forgetSessions();
    send(alice, "10.0.0.1", "10.0.0.2", "at once");
    simulation.settle();
    assertThat(received(bob)).containsExactly("at once");
  }

  @Test
  void callsByTheOtherNameWhenTheFirstIsNotAnswered() {
    begin();
    tunnel.forgetSessions();
    bob.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(oldKey), peer(newKey))));
    send(alice, "10.0.0.1", "10.0.0.2", "patience");
    simulation.run(Duration.ofMillis(5_400));
    assertThat(received(bob)).containsExactly("patience");
    assertThat(alice.peer(bob).localIdentity()).contains(newKey);
  }

  @Test
  void remembersAfterARestartWhoHasMoved() {
    tunnel.forgetSessions();
    bob.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(oldKey), peer(newKey))));
    assertThat(
            alice
                .path()
                .conductor()
                .beginRotation(
                    TestKeys.privateKey(alice.keys(), "alice, later"), List.of(bob.publicKey())))
        .isTrue();
    send(alice, "10.0.0.1", "10.0.0.2", "at once");
    simulation.settle();
    assertThat(received(bob)).containsExactly("at once");
  }

  @Test
  void afterCommitNobodyIsAnsweredUnderTheFormerKeyAndNoSessionIsCut() {
    begin();
    commit(true);
    assertThat(alice.snapshot().formerPublicKey()).isEmpty();
    assertThat(alice.snapshot().publicKey()).contains(newKey);
    tunnel.talk();
    tunnel.forgetSessions();
    long unproven = alice.drops(DropReason.INVALID_MAC1);
    send(bob, "10.0.0.2", "10.0.0.1", "who is there?");
    simulation.settle();
    assertThat(received(alice)).isEmpty();
    assertThat(alice.drops(DropReason.INVALID_MAC1)).isEqualTo(unproven + 1);
  }

  @Test
  void afterAbortEverythingIsAsBefore() {
    begin();
    commit(false);
    assertThat(alice.snapshot().publicKey()).contains(oldKey);
    assertThat(alice.snapshot().formerPublicKey()).isEmpty();
    tunnel.talk();
    tunnel.forgetSessions();
    tunnel.assertUnharmed();
  }

  @Test
  void abortWhileAnInitiationUnderTheNewKeyIsUnderWay() {
    begin();
    tunnel.eve.holdBack(datagram -> datagram.type() == MessageType.INITIATION);
    alice.path().conductor().askWhetherMoved(simulation.clock().nowNs());
    step(alice);
    tellBob();
    commit(false);
    bob.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(newKey), peer(oldKey))));
    tunnel.eve.letPass();
    simulation.settle();
    tunnel.assertUnharmed();
  }

  @Test
  void refusesASecondRotationTheSameKeyAndADeviceWithoutOne() {
    begin();
    assertThat(beginWith("alice, much later")).isFalse();
    commit(false);
    assertThat(beginWith("alice")).as("the key it has").isFalse();
    alice.apply(
        new DeviceChange(
            Optional.of(alice.keys().allocate()),
            Optional.empty(),
            Optional.empty(),
            false,
            List.of()));
    assertThat(beginWith("alice, later")).as("nobody").isFalse();
    assertThat(commitPossible()).isFalse();
  }

  @Test
  void anotherKeyFromOutsideEndsTheRotation() {
    begin();
    alice.apply(
        new DeviceChange(
            Optional.of(TestKeys.privateKey(alice.keys(), "alice, set by wg")),
            Optional.empty(),
            Optional.empty(),
            false,
            List.of()));
    assertThat(alice.snapshot().formerPublicKey()).isEmpty();
    assertThat(alice.snapshot().publicKey()).isNotEqualTo(Optional.of(newKey));
    assertThat(commitPossible()).isFalse();
  }

  private void begin() {
    assertThat(beginWith("alice, later")).isTrue();
  }

  private boolean beginWith(String label) {
    return alice
        .path()
        .conductor()
        .beginRotation(TestKeys.privateKey(alice.keys(), label), List.of());
  }

  private void commit(boolean commit) {
    assertThat(alice.path().conductor().endRotation(commit)).isTrue();
  }

  private boolean commitPossible() {
    return alice.path().conductor().endRotation(true);
  }

  /** Flushes what was written outside of a round. */
  private void step(SteppedDevice device) {
    device.stepConductor();
    simulation.settle();
  }

  /** Bob's operator adds the new key, to which the prefixes move. */
  private void tellBob() {
    bob.apply(DeviceChange.ofPeers(List.of(peer(newKey))));
  }

  private static PeerChange peer(PublicKey key) {
    return new PeerChange(
        key,
        false,
        false,
        Optional.empty(),
        Optional.of(ToyHost.endpoint("192.0.2.1", PORT)),
        Optional.empty(),
        false,
        List.of(IpPrefix.parse("10.0.0.1/32")),
        List.of());
  }
}
