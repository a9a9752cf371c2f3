package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.AttackedTunnel.PORT;
import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.cookie.Mac1;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import cloud.runbeam.wgagent.engine.noise.Tai64n;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.session.SendCounter;
import cloud.runbeam.wgagent.engine.testkit.Datagram;
import cloud.runbeam.wgagent.engine.testkit.Eve;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.LinkConditions;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of sessions and handshakes when something changes under them. */
@ExtendWith(LeakCheck.class)
class StateChangeTest {
  private AttackedTunnel tunnel;
  private Simulation simulation;
  private Eve wire;
  private SteppedDevice alice;
  private SteppedDevice bob;

  @BeforeEach
  void connect(TestInfo test) {
    tunnel = new AttackedTunnel(test.getDisplayName());
    simulation = tunnel.simulation;
    wire = tunnel.eve;
    alice = tunnel.alice;
    bob = tunnel.bob;
  }

  @AfterEach
  void end() {
    tunnel.close();
  }

  // Handshakes that do not go as planned.

  @Test
  void repeatsAnInitiationWhoseResponseIsLost() {
    tunnel.forgetSessions();
    wire.holdBack(datagram -> datagram.type() == MessageType.RESPONSE);
    send(alice, "10.0.0.1", "10.0.0.2", "patience");
    simulation.settle();
    wire.letPass();
    simulation.run(Duration.ofMillis(4_990));
    assertThat(received(bob)).isEmpty();
    simulation.run(Duration.ofMillis(360));

    assertThat(received(bob)).containsExactly("patience");
    tunnel.assertUnharmed();
  }

  @Test
  void aResponderWithPacketsInitiatesItselfWhenItsResponseWentNowhere() {
    tunnel.forgetSessions();
    wire.holdBack(datagram -> datagram.source().sameRemote(bob.host().endpoint(PORT)));
    send(alice, "10.0.0.1", "10.0.0.2", "from alice");
    simulation.settle();
    send(bob, "10.0.0.2", "10.0.0.1", "from bob");
    simulation.settle();
    // Alice forgets, so that nobody but Bob can begin.
    alice.tun().setUp(false);
    alice.tun().setUp(true);
    wire.letPass();
    simulation.run(Duration.ofMillis(5_400));

    assertThat(received(alice)).containsExactly("from bob");
    received(bob);
    tunnel.assertUnharmed();
  }

  @Test
  void aDelayedResponseToAnInitiationThatWasRepeatedIsRefused() {
    tunnel.forgetSessions();
    wire.forget();
    wire.holdBack(datagram -> datagram.type() == MessageType.RESPONSE);
    send(alice, "10.0.0.1", "10.0.0.2", "patience");
    simulation.settle();
    var late = wire.last(MessageType.RESPONSE);
    simulation.run(Duration.ofMillis(5_400));
    var inTime = wire.last(MessageType.RESPONSE);
    wire.replay(late);
    simulation.settle();
    assertThat(alice.drops(DropReason.UNKNOWN_INDEX)).isOne();
    wire.replay(inTime);
    wire.letPass();
    simulation.settle();

    assertThat(received(bob)).containsExactly("patience");
    tunnel.assertUnharmed();
  }

  @Test
  void takesOneInitiationInTwentyMillisecondsFromAPeer() {
    tunnel.forgetSessions();
    wire.forget();
    try (SecretKey key = TestKeys.privateKey(alice.keys(), "alice");
        LocalIdentity identity = new LocalIdentity(alice.keys(), alice.keys().copyOf(key));
        Handshake handshake = new Handshake(alice.keys(), bob.publicKey())) {
      SeededEntropy entropy = new SeededEntropy(simulation.random().nextLong());
      for (int i = 0; i < 50; i++) {
        byte[] message = new byte[InitiationLayout.BYTES];
        MemorySegment memory = MemorySegment.ofArray(message);
        Tai64n timestamp = Tai64n.of(simulation.clock().now().plusSeconds(i));
        handshake.writeInitiation(identity, memory, 0, i, timestamp, entropy);
        new Mac1(bob.publicKey()).write(memory, 0, message.length);
        wire.replay(new Datagram(alice.host().endpoint(PORT), bob.host().endpoint(PORT), message));
        simulation.run(Duration.ofMillis(5));
      }
    }
    assertThat(wire.heard().stream().filter(sent -> sent.type() == MessageType.RESPONSE))
        .hasSizeBetween(11, 13);
    assertThat(bob.drops(DropReason.INITIATION_FLOOD)).isBetween(37L, 39L);
  }

  @Test
  void usesAnotherUnpredictableIndexForEachHandshake() {
    Set<Integer> seen = new HashSet<>();
    int smallSteps = 0;
    int last = 0;
    for (int i = 0; i < 40; i++) {
      tunnel.forgetSessions();
      tunnel.talk();
      int index = keypair(alice, bob).localIndex();
      assertThat(seen.add(index)).isTrue();
      smallSteps += Math.abs((long) index - last) < 1 << 20 ? 1 : 0;
      last = index;
    }
    assertThat(smallSteps).isLessThan(3);
  }

  // Counters.

  @Test
  void renewsASessionAfterTwoToTheSixtyMessages() {
    keypair(alice, bob).sendCounter().skipTo(SendCounter.REKEY_AFTER_MESSAGES - 1);
    simulation.run(Duration.ofSeconds(6));
    wire.forget();
    tunnel.talk();
    assertThat(wire.heard()).anyMatch(sent -> sent.type() == MessageType.INITIATION);
    assertThat(keypair(alice, bob).sendCounter().reserved()).isLessThan(10);
    tunnel.assertUnharmed();
  }

  @Test
  void anExhaustedSessionSendsNothingMoreAndIsReplaced() {
    Keypair exhausted = keypair(alice, bob);
    exhausted.sendCounter().skipTo(SendCounter.REJECT_AFTER_MESSAGES);
    simulation.run(Duration.ofSeconds(6));
    tunnel.talk();
    assertThat(keypair(alice, bob)).isNotSameAs(exhausted);
    tunnel.assertUnharmed();
  }

  @Test
  void aResponderWhoseSessionIsExhaustedBeginsANewOne() {
    Keypair exhausted = keypair(bob, alice);
    assertThat(exhausted.initiator()).isFalse();
    exhausted.sendCounter().skipTo(SendCounter.REJECT_AFTER_MESSAGES);
    simulation.run(Duration.ofSeconds(6));
    send(bob, "10.0.0.2", "10.0.0.1", "still there");
    simulation.settle();
    assertThat(received(alice)).containsExactly("still there");
    assertThat(keypair(bob, alice).initiator()).isTrue();
    tunnel.assertUnharmed();
  }

  @Test
  void acceptsTheLastCounterAndNoneFromTheLimitOn() {
    Insider insider = new Insider(tunnel);
    insider.sendWithCounter(SendCounter.REJECT_AFTER_MESSAGES - 1, "the last one");
    insider.sendWithCounter(SendCounter.REJECT_AFTER_MESSAGES, "one too many");
    insider.sendWithCounter(-1, "the very last number");
    simulation.settle();

    assertThat(received(bob)).containsExactly("the last one");
    assertThat(bob.drops(alice, DropReason.EXPIRED_KEY_USED)).isEqualTo(2);
  }

  @Test
  void acceptsNothingUnderKeysOlderThanThreeMinutes() {
    Insider insider = new Insider(tunnel);
    simulation.run(Duration.ofMillis(179_900));
    insider.sendWithCounter(1_000, "just in time");
    simulation.settle();
    simulation.run(Duration.ofMillis(200));
    insider.sendWithCounter(1_001, "too late");
    simulation.settle();

    assertThat(received(bob)).containsExactly("just in time");
    assertThat(bob.drops(alice, DropReason.EXPIRED_KEY_USED)).isOne();
  }

  @Test
  void sendsNothingUnderKeysOlderThanThreeMinutes() {
    simulation.run(Duration.ofMillis(180_100));
    wire.forget();
    send(alice, "10.0.0.1", "10.0.0.2", "under new keys");
    simulation.settle();
    assertThat(received(bob)).containsExactly("under new keys");
    assertThat(wire.heard()).extracting(Datagram::type).startsWith(1, 2, 4);

    simulation.run(Duration.ofMillis(180_100));
    wire.forget();
    send(bob, "10.0.0.2", "10.0.0.1", "the responder, too");
    simulation.settle();
    assertThat(received(alice)).containsExactly("the responder, too");
    assertThat(wire.heard()).extracting(Datagram::type).startsWith(1, 2, 4);
    tunnel.assertUnharmed();
  }

  @Test
  void anInitiatorThatOnlyReceivesRenewsBeforeTheSessionEnds() {
    tunnel.forgetSessions();
    tunnel.talk();
    for (int tenths = 0; tenths < 1_640; tenths++) {
      sayFromBob(tenths);
    }
    assertThat(alice.peer(bob).handshakesInitiated()).isEqualTo(3);
    for (int tenths = 1_640; tenths < 1_660; tenths++) {
      sayFromBob(tenths);
    }
    assertThat(alice.peer(bob).handshakesInitiated()).isEqualTo(4);
    tunnel.assertUnharmed();
  }

  private void sayFromBob(int number) {
    send(bob, "10.0.0.2", "10.0.0.1", "packet " + number);
    simulation.run(Duration.ofMillis(100));
    assertThat(received(alice)).containsExactly("packet " + number);
  }

  // Keys.

  @Test
  void aPresharedKeyChangedMidSessionCountsFromTheNextHandshakeOn() {
    setPresharedKey(alice, bob, "psk");
    tunnel.talk();
    simulation.run(Duration.ofSeconds(125));
    send(alice, "10.0.0.1", "10.0.0.2", "the old session still carries this");
    simulation.settle();
    assertThat(received(bob)).containsExactly("the old session still carries this");
    assertThat(alice.drops(bob, DropReason.INVALID_HANDSHAKE)).isPositive();

    setPresharedKey(bob, alice, "psk");
    simulation.run(Duration.ofSeconds(6));
    tunnel.talk();
    assertThat(keypair(alice, bob).ageNs(simulation.clock().nowNs()))
        .isLessThan(Duration.ofSeconds(7).toNanos());
    setPresharedKey(alice, bob, null);
    setPresharedKey(bob, alice, null);
    tunnel.assertUnharmed();
  }

  @Test
  void losesNothingThatIsUnderWayWhenThePrivateKeyIsReplaced() {
    simulation.conditions(LinkConditions.delayed(Duration.ofMillis(50)));
    send(bob, "10.0.0.2", "10.0.0.1", "under way");
    simulation.run(Duration.ofMillis(10));
    replacePrivateKey(alice, "alice the second");
    simulation.run(Duration.ofMillis(50));

    assertThat(received(alice)).containsExactly("under way");
  }

  @Test
  void talksUnderAReplacedPrivateKeyAtOnce() {
    PublicKey next = replacePrivateKey(alice, "alice the second");
    bob.apply(
        DeviceChange.ofPeers(
            List.of(
                PeerChange.removal(alice.publicKey()),
                new PeerChange(
                    next,
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    List.of(IpPrefix.parse("10.0.0.1/32")),
                    List.of()))));
    wire.forget();
    send(alice, "10.0.0.1", "10.0.0.2", "it is still me");
    simulation.settle();

    assertThat(received(bob)).containsExactly("it is still me");
    assertThat(wire.heard()).extracting(sent -> sent.type()).startsWith(1, 2, 4);
    send(bob, "10.0.0.2", "10.0.0.1", "hello again");
    simulation.settle();
    assertThat(received(alice)).containsExactly("hello again");
  }

  @Test
  void neitherSendsNorAnswersWithoutAPrivateKey() {
    int keysWithIdentity = alice.keys().keysInUse();
    alice.apply(
        new DeviceChange(
            Optional.of(alice.keys().allocate()),
            Optional.empty(),
            Optional.empty(),
            false,
            List.of()));
    assertThat(alice.keys().keysInUse()).isLessThan(keysWithIdentity - 2);
    simulation.run(Duration.ofSeconds(6));
    wire.forget();
    send(alice, "10.0.0.1", "10.0.0.2", "silence");
    send(bob, "10.0.0.2", "10.0.0.1", "anybody?");
    simulation.run(Duration.ofSeconds(30));

    assertThat(wire.heard())
        .noneMatch(sent -> sent.source().sameRemote(alice.host().endpoint(PORT)));
    assertThat(received(alice)).isEmpty();
    assertThat(alice.snapshot().publicKey()).isEmpty();
  }

  @Test
  void aPeerThatTurnsOutToBeTheDeviceItselfIsRemoved() {
    // Alice takes over Bob's key: the peer she had under it is herself now.
    replacePrivateKey(alice, "bob");
    assertThat(alice.snapshot().peers()).isEmpty();
    assertThat(alice.snapshot().publicKey()).contains(bob.publicKey());
    simulation.introduce(alice, bob, bob.host().endpoint(PORT), "10.0.0.2/32");
    assertThat(alice.snapshot().peers()).isEmpty();
    send(alice, "10.0.0.1", "10.0.0.2", "to myself");
    simulation.settle();
    assertThat(alice.drops(DropReason.NO_PEER_FOR_DESTINATION)).isOne();
    assertThat(received(bob)).isEmpty();
  }

  @Test
  void aPeerMovesFromOneDeviceToAnother() {
    SteppedDevice second = simulation.device("bob's other device", bob.host(), PORT + 1);
    bob.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(alice.publicKey()))));
    simulation.introduce(second, alice, null, "10.0.0.1/32");
    alice.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(bob.publicKey()))));
    simulation.introduce(alice, second, bob.host().endpoint(PORT + 1), "10.0.0.2/32");
    send(alice, "10.0.0.1", "10.0.0.2", "moved");
    simulation.settle();

    assertThat(received(second)).containsExactly("moved");
    assertThat(received(bob)).isEmpty();
    assertThat(bob.indexesInUse()).isZero();
  }

  @Test
  void prefixesMoveWithTheirPeersKey() {
    SteppedDevice carol = simulation.device("carol", "192.0.2.3", PORT);
    simulation.introduce(carol, bob, bob.host().endpoint(PORT), "10.0.0.2/32");
    simulation.introduce(bob, carol, null, "10.0.0.1/32");
    send(carol, "10.0.0.1", "10.0.0.2", "the address is mine now");
    send(alice, "10.0.0.1", "10.0.0.2", "no, mine");
    simulation.settle();

    assertThat(received(bob)).containsExactly("the address is mine now");
    assertThat(bob.drops(alice, DropReason.SOURCE_NOT_ALLOWED)).isOne();
    assertThat(bob.peer(alice).allowedIps()).isEmpty();
  }

  // The device.

  @Test
  void goesSilentWhenTheLinkGoesDownAndComesBackWithIt() {
    for (int round = 0; round < 5; round++) {
      alice.tun().setUp(false);
      assertThat(alice.host().openSockets()).isZero();
      assertThat(alice.indexesInUse()).isZero();
      assertThat(alice.snapshot().up()).isFalse();
      send(bob, "10.0.0.2", "10.0.0.1", "into the void");
      simulation.run(Duration.ofSeconds(20), Duration.ofMillis(50));
      alice.tun().setUp(true);
      simulation.run(Duration.ofSeconds(6));
      received(alice);
      tunnel.talk();
    }
    tunnel.assertUnharmed();
  }

  @Test
  void keepsPacketsThatWaitWhenTheDeviceHasNoSocketYet() {
    tunnel.forgetSessions();
    alice.host().refuseOpening("bind: Address already in use");
    alice.tun().setUp(false);
    alice.tun().setUp(true);
    assertThat(alice.snapshot().problem().orElseThrow()).contains("already in use", "port");
    send(alice, "10.0.0.1", "10.0.0.2", "waiting");
    simulation.run(Duration.ofSeconds(1));
    alice.host().refuseOpening(null);
    alice.tun().setUp(true);
    simulation.run(Duration.ofSeconds(6));

    assertThat(received(bob)).containsExactly("waiting");
    assertThat(alice.snapshot().problem()).isEmpty();
  }

  private static Keypair keypair(SteppedDevice device, SteppedDevice peer) {
    return Objects.requireNonNull(device.peerState(peer).keypairs().current());
  }

  private static PublicKey replacePrivateKey(SteppedDevice device, String label) {
    SecretKey key = TestKeys.privateKey(device.keys(), label);
    PublicKey publicKey = key.publicKey();
    device.apply(
        new DeviceChange(Optional.of(key), Optional.empty(), Optional.empty(), false, List.of()));
    return publicKey;
  }

  private static void setPresharedKey(
      SteppedDevice device, SteppedDevice peer, @Nullable String label) {
    SecretKey key =
        label == null ? device.keys().allocate() : TestKeys.secret(device.keys(), label);
    device.apply(
        DeviceChange.ofPeers(
            List.of(
                new PeerChange(
                    peer.publicKey(),
                    false,
                    true,
                    Optional.of(key),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    List.of(),
                    List.of()))));
  }
}
