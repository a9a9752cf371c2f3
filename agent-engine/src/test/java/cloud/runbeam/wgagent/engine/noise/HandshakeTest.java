package cloud.runbeam.wgagent.engine.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.testkit.LowOrderPoints;
import cloud.runbeam.wgagent.engine.testkit.ScriptedEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.ResponseLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private static final long SECOND_NS = 1_000_000_000L;

  private final ScriptedEntropy entropy = new ScriptedEntropy(42);
  private final Party alice = new Party("alice");
  private final Party bob = new Party("bob");

  @BeforeEach
  void introduce() {
    Party.introduce(alice, bob);
  }

  @AfterEach
  void close() {
    alice.close();
    bob.close();
  }

  @Test
  void agreesManyTimesEitherWay() {
    long seed = 5_42;
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      boolean aliceInitiates = random.nextBoolean();
      Party initiator = aliceInitiates ? alice : bob;
      Party responder = aliceInitiates ? bob : alice;
      int initiatorIndex = random.nextInt();
      int responderIndex = random.nextInt();
      MemorySegment initiation = initiator.initiate(initiatorIndex, Party.time(i), entropy);
      accept(responder, initiation, i * SECOND_NS);
      MemorySegment response = responder.respond(responderIndex, entropy);
      assertThat(ResponseLayout.receiverIndex(response, 0)).isEqualTo(initiatorIndex);
      assertThat(initiator.handshake().consumeResponse(response, 0)).isEmpty();
      assertSameSession(
          initiator.handshake().deriveSession(), responder.handshake().deriveSession());
    }
  }

  @Test
  void leavesNoSecretBehindButTheStaticOnes() {
    int before = alice.arena.keysInUse();
    MemorySegment initiation = alice.initiate(1, Party.time(0), entropy);
    accept(bob, initiation, 0);
    assertThat(alice.handshake().consumeResponse(bob.respond(2, entropy), 0)).isEmpty();
    SessionKeys keys = alice.handshake().deriveSession();
    keys.sendKey().close();
    keys.receiveKey().close();
    assertThat(alice.arena.keysInUse()).as("one more: static-static").isEqualTo(before + 1);

    alice.initiate(3, Party.time(1), entropy);
    alice.handshake().close();
    alice.handshake().close();
    alice.identity.close();
    assertThat(alice.arena.keysInUse()).isZero();
  }

  // Initiation.

  @Test
  void refusesAnInitiationWithAnyByteChanged() {
    MemorySegment initiation = alice.initiate(1, Party.time(0), entropy);
    int keys = bob.arena.keysInUse();
    for (int i = InitiationLayout.EPHEMERAL; i < InitiationLayout.MACS; i++) {
      flip(initiation, i);
      assertThat(bob.receive(initiation, 0))
          .as("byte %d", i)
          .isEqualTo(refused(DropReason.INVALID_HANDSHAKE));
      flip(initiation, i);
    }
    assertThat(bob.arena.keysInUse()).as("static-static only").isLessThanOrEqualTo(keys + 1);
    assertThatIllegalStateException()
        .isThrownBy(() -> bob.respond(2, entropy))
        .withMessage("no initiation to respond to");
    accept(bob, initiation, 0);
  }

  @Test
  void refusesAnInitiationSeenBefore() {
    MemorySegment first = alice.initiate(1, Party.time(0), entropy);
    MemorySegment second = alice.initiate(2, Party.time(5), entropy);
    accept(bob, second, 0);
    assertThat(bob.receive(second, 10 * SECOND_NS))
        .isEqualTo(refused(DropReason.REPLAYED_INITIATION));
    assertThat(bob.receive(first, 20 * SECOND_NS))
        .as("older than the newest")
        .isEqualTo(refused(DropReason.REPLAYED_INITIATION));
    bob.handshake().clear();
    assertThat(bob.receive(second, 30 * SECOND_NS))
        .as("forgetting what is under way does not forget the timestamp")
        .isEqualTo(refused(DropReason.REPLAYED_INITIATION));
  }

  @Test
  void aReplayDoesNotDisturbTheHandshakeUnderWay() {
    MemorySegment initiation = alice.initiate(1, Party.time(0), entropy);
    accept(bob, initiation, 0);
    assertThat(bob.receive(initiation, SECOND_NS))
        .isEqualTo(refused(DropReason.REPLAYED_INITIATION));
    assertThat(alice.handshake().consumeResponse(bob.respond(2, entropy), 0)).isEmpty();
    assertSameSession(alice.handshake().deriveSession(), bob.handshake().deriveSession());
  }

  @Test
  void refusesInitiationsCloserThanTwentyMilliseconds() {
    // Far from zero, where a monotonic clock may well stand.
    long startNs = Long.MAX_VALUE - 5_000_000;
    accept(bob, alice.initiate(1, Party.time(0), entropy), startNs);
    assertThat(bob.receive(alice.initiate(2, Party.time(1), entropy), startNs + 19_999_999))
        .isEqualTo(refused(DropReason.INITIATION_FLOOD));
    accept(bob, alice.initiate(3, Party.time(2), entropy), startNs + 20_000_000);
  }

  @Test
  void refusesAnInitiationFromAStranger() {
    try (Party mallory = new Party("mallory")) {
      mallory.knows(bob.identity.publicKey());
      MemorySegment initiation = mallory.initiate(1, Party.time(0), entropy);
      assertThat(bob.receive(initiation, 0)).isEqualTo(refused(DropReason.UNKNOWN_PEER));
    }
  }

  @Test
  void refusesAnInitiationMeantForSomebodyElse() {
    try (Party carol = new Party("carol")) {
      carol.knows(alice.identity.publicKey());
      MemorySegment initiation = alice.initiate(1, Party.time(0), entropy);
      assertThat(carol.receive(initiation, 0)).isEqualTo(refused(DropReason.INVALID_HANDSHAKE));
    }
  }

  @Test
  void refusesEphemeralKeysOfLowOrder() {
    MemorySegment initiation = alice.initiate(1, Party.time(0), entropy);
    for (PublicKey point : LowOrderPoints.ALL) {
      MemorySegment forged = MemorySegment.ofArray(initiation.toArray(ValueLayout.JAVA_BYTE));
      point.copyTo(forged, InitiationLayout.EPHEMERAL);
      assertThat(bob.receive(forged, 0))
          .as(point.toHex())
          .isEqualTo(refused(DropReason.INVALID_HANDSHAKE));

      MemorySegment response = MemorySegment.ofArray(new byte[92]);
      ResponseLayout.begin(response, 0, 2, 1);
      point.copyTo(response, ResponseLayout.EPHEMERAL);
      assertThat(alice.handshake().consumeResponse(response, 0))
          .contains(DropReason.INVALID_HANDSHAKE);
    }
    accept(bob, initiation, 0);
  }

  @Test
  void sendsNothingToAPeerWhoseStaticKeyIsOfLowOrder() {
    int keys = alice.arena.keysInUse();
    for (PublicKey point : LowOrderPoints.ALL) {
      try (Handshake handshake = new Handshake(alice.arena, point)) {
        MemorySegment out = MemorySegment.ofArray(new byte[148]);
        assertThat(handshake.writeInitiation(alice.identity, out, 0, 1, Party.time(0), entropy))
            .as(point.toHex())
            .isEqualTo(Handshake.REFUSED);
        assertThat(out.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        assertThat(handshake.awaitingIndex()).isEmpty();
      }
    }
    assertThat(alice.arena.keysInUse()).isEqualTo(keys);
  }

  /**
   * Such an initiation can be made by anybody who knows our public key, as both secrets in it are
   * known to be computable without a private key; it must not be answered even where an operator
   * configured the point as a peer.
   */
  @Test
  void refusesAnInitiatorWhoseStaticKeyIsOfLowOrder() {
    for (PublicKey point : LowOrderPoints.ALL) {
      MemorySegment forged = forgeInitiation(point);
      try (Handshake configured = new Handshake(bob.arena, point)) {
        assertThat(
                Handshake.consumeInitiation(
                    bob.identity, key -> key.equals(point) ? configured : null, forged, 0, 0))
            .as(point.toHex())
            .isEqualTo(refused(DropReason.INVALID_HANDSHAKE));
      }
    }
  }

  // Response.

  @Test
  void refusesAResponseWithAnyByteChangedAndStillAcceptsTheGenuineOne() {
    MemorySegment initiation = alice.initiate(1, Party.time(0), entropy);
    accept(bob, initiation, 0);
    MemorySegment response = bob.respond(2, entropy);
    int keys = alice.arena.keysInUse();
    for (int i = 8; i < ResponseLayout.MACS; i++) {
      flip(response, i);
      assertThat(alice.handshake().consumeResponse(response, 0))
          .as("byte %d", i)
          .contains(
              i < ResponseLayout.EPHEMERAL
                  ? DropReason.UNKNOWN_INDEX
                  : DropReason.INVALID_HANDSHAKE);
      flip(response, i);
    }
    assertThat(alice.arena.keysInUse()).isEqualTo(keys);
    assertThatIllegalStateException()
        .isThrownBy(() -> alice.handshake().deriveSession())
        .withMessage("no session was agreed on");
    assertThat(alice.handshake().consumeResponse(response, 0)).isEmpty();
    assertSameSession(alice.handshake().deriveSession(), bob.handshake().deriveSession());
  }

  @Test
  void refusesAResponseSeenBefore() {
    accept(bob, alice.initiate(1, Party.time(0), entropy), 0);
    MemorySegment response = bob.respond(2, entropy);
    assertThat(alice.handshake().consumeResponse(response, 0)).isEmpty();
    assertThat(alice.handshake().awaitingIndex()).isEmpty();
    assertThat(alice.handshake().consumeResponse(response, 0)).contains(DropReason.UNKNOWN_INDEX);
    alice.handshake().deriveSession();
    assertThat(alice.handshake().consumeResponse(response, 0)).contains(DropReason.UNKNOWN_INDEX);
    alice.initiate(1, Party.time(1), entropy);
    assertThat(alice.handshake().consumeResponse(response, 0))
        .as("even if the index is the same again")
        .contains(DropReason.INVALID_HANDSHAKE);
  }

  @Test
  void refusesAResponseToAnInitiationThatWasReplaced() {
    accept(bob, alice.initiate(1, Party.time(0), entropy), 0);
    MemorySegment late = bob.respond(2, entropy);
    alice.initiate(3, Party.time(1), entropy);
    assertThat(alice.handshake().awaitingIndex()).hasValue(3);
    assertThat(alice.handshake().consumeResponse(late, 0)).contains(DropReason.UNKNOWN_INDEX);
  }

  @Test
  void refusesAResponseWhenThePresharedKeysDiffer() {
    bob.handshake().setPresharedKey(TestKeys.secret(bob.arena, "psk"));
    accept(bob, alice.initiate(1, Party.time(0), entropy), 0);
    MemorySegment response = bob.respond(2, entropy);
    assertThat(alice.handshake().consumeResponse(response, 0))
        .contains(DropReason.INVALID_HANDSHAKE);

    alice.handshake().setPresharedKey(TestKeys.secret(alice.arena, "psk"));
    assertThat(alice.handshake().consumeResponse(response, 0))
        .as("the key of the moment counts, so a change while waiting takes effect")
        .isEmpty();
    assertSameSession(alice.handshake().deriveSession(), bob.handshake().deriveSession());
    assertThat(alice.handshake().presharedKey().isZero()).isFalse();
  }

  @Test
  void refusesAResponseByAnybodyButThePeer() {
    try (Party mallory = new Party("mallory")) {
      mallory.knows(alice.identity.publicKey());
      MemorySegment initiation = alice.initiate(1, Party.time(0), entropy);
      accept(bob, initiation, 0);
      // Mallory answers her own initiation to herself with alice's index.
      try (Party alias = new Party("alice")) {
        alias.knows(mallory.identity.publicKey());
        accept(mallory, alias.initiate(1, Party.time(0), entropy), 0);
      }
      assertThat(alice.handshake().consumeResponse(mallory.respond(2, entropy), 0))
          .contains(DropReason.INVALID_HANDSHAKE);
    }
  }

  // Both at once.

  @Test
  void bothMayInitiateAtOnceAndBothHandshakesComplete() {
    MemorySegment fromAlice = alice.initiate(1, Party.time(0), entropy);
    MemorySegment fromBob = bob.initiate(2, Party.time(0), entropy);
    accept(bob, fromAlice, 0);
    accept(alice, fromBob, 0);
    MemorySegment toAlice = bob.respond(3, entropy);
    SessionKeys bobResponded = bob.handshake().deriveSession();
    MemorySegment toBob = alice.respond(4, entropy);
    SessionKeys aliceResponded = alice.handshake().deriveSession();
    assertThat(alice.handshake().consumeResponse(toAlice, 0)).isEmpty();
    assertThat(bob.handshake().consumeResponse(toBob, 0)).isEmpty();
    assertSameSession(alice.handshake().deriveSession(), bobResponded);
    assertSameSession(bob.handshake().deriveSession(), aliceResponded);
  }

  @Test
  void aPeerThatRestartsInTheMiddleIsAnsweredAgain() {
    accept(bob, alice.initiate(1, Party.time(0), entropy), 0);
    bob.respond(2, entropy);
    // The response was lost, alice tries again; bob's half-made session must not be in the way.
    MemorySegment again = alice.initiate(3, Party.time(5), entropy);
    accept(bob, again, 5 * SECOND_NS);
    assertThat(alice.handshake().consumeResponse(bob.respond(4, entropy), 0)).isEmpty();
    assertSameSession(alice.handshake().deriveSession(), bob.handshake().deriveSession());
  }

  // Changes of our own key.

  @Test
  void answersForTwoIdentitiesDuringARotation() {
    LocalIdentity newer = new LocalIdentity(bob.arena, TestKeys.secret(bob.arena, "bob, renewed"));
    MemorySegment toOld = alice.initiate(1, Party.time(0), entropy);
    accept(bob, toOld, 0);
    assertThat(alice.handshake().consumeResponse(bob.respond(2, entropy), 0)).isEmpty();
    assertSameSession(alice.handshake().deriveSession(), bob.handshake().deriveSession());

    try (Handshake moved = new Handshake(alice.arena, newer.publicKey())) {
      MemorySegment toNew = MemorySegment.ofArray(new byte[148]);
      moved.writeInitiation(alice.identity, toNew, 0, 3, Party.time(1), entropy);
      assertThat(bob.receive(toNew, SECOND_NS))
          .as("under the old identity")
          .isEqualTo(refused(DropReason.INVALID_HANDSHAKE));
      assertThat(Handshake.consumeInitiation(newer, key -> bob.handshake(), toNew, 0, SECOND_NS))
          .isEqualTo(new InitiationResult.Accepted(bob.handshake()));
      assertThat(moved.consumeResponse(bob.respond(4, entropy), 0)).isEmpty();
      assertSameSession(moved.deriveSession(), bob.handshake().deriveSession());
    }
    newer.close();
  }

  @Test
  void forgetsOneIdentityAndKeepsTheOther() {
    LocalIdentity newer =
        new LocalIdentity(alice.arena, TestKeys.secret(alice.arena, "alice, renewed"));
    alice.initiate(1, Party.time(0), entropy);
    int keys = alice.arena.keysInUse();
    alice.handshake().forget(newer);
    assertThat(alice.handshake().awaitingIndex()).hasValue(1);
    assertThat(alice.arena.keysInUse()).isEqualTo(keys);

    MemorySegment out = MemorySegment.ofArray(new byte[148]);
    assertThat(alice.handshake().writeInitiation(newer, out, 0, 2, Party.time(1), entropy))
        .isEqualTo(148);
    assertThat(alice.arena.keysInUse()).as("another static-static").isEqualTo(keys + 1);
    alice.handshake().forget(alice.identity);
    assertThat(alice.handshake().awaitingIndex()).hasValue(2);
    alice.handshake().forget(newer);
    assertThat(alice.handshake().awaitingIndex()).isEmpty();
    assertThat(alice.arena.keysInUse()).as("two identities and the preshared key").isEqualTo(3);
    newer.close();
  }

  @Test
  void anIdentityClampsItsKeyAndWipesIt() {
    SecretKey key = alice.arena.allocate();
    key.bytes().fill((byte) 0xFF);
    LocalIdentity identity = new LocalIdentity(alice.arena, key);
    assertThat(key.bytes().get(ValueLayout.JAVA_BYTE, 31)).isEqualTo((byte) 0x7F);
    assertThat(identity).hasToString(identity.publicKey().toBase64());
    identity.close();
    assertThatIllegalStateException().isThrownBy(key::isZero);
  }

  /**
   * What somebody without a private key can make: with a static key of low order, DH(S_i, S_r) is
   * zero for everybody.
   */
  private MemorySegment forgeInitiation(PublicKey lowOrder) {
    MemorySegment message = MemorySegment.ofArray(new byte[148]);
    InitiationLayout.begin(message, 0, 1);
    try (SymmetricState state = new SymmetricState(alice.arena, bob.identity.publicKey());
        SecretKey ephemeral = TestKeys.privateKey(alice.arena, "forger's ephemeral");
        SecretKey shared = alice.arena.allocate();
        SecretKey zero = alice.arena.allocate()) {
      PublicKey ephemeralPublic = ephemeral.publicKey();
      ephemeralPublic.copyTo(message, InitiationLayout.EPHEMERAL);
      state.mixEphemeral(ephemeralPublic);
      cloud.runbeam.wgagent.engine.crypto.X25519.agree(ephemeral, bob.identity.publicKey(), shared);
      state.mixSharedForKey(shared);
      state.seal(
          MemorySegment.ofArray(lowOrder.toBytes()),
          message.asSlice(InitiationLayout.STATIC, InitiationLayout.STATIC_BYTES));
      state.mixSharedForKey(zero);
      MemorySegment label = MemorySegment.ofArray(new byte[12]);
      Party.time(0).write(label, 0);
      state.seal(
          label, message.asSlice(InitiationLayout.TIMESTAMP, InitiationLayout.TIMESTAMP_BYTES));
    }
    return message;
  }

  private static void accept(Party responder, MemorySegment initiation, long nowNs) {
    assertThat(responder.receive(initiation, nowNs))
        .isEqualTo(new InitiationResult.Accepted(responder.handshake()));
  }

  private static InitiationResult refused(DropReason reason) {
    return new InitiationResult.Refused(reason);
  }

  private static void flip(MemorySegment message, int index) {
    byte before = message.get(ValueLayout.JAVA_BYTE, index);
    message.set(ValueLayout.JAVA_BYTE, index, (byte) (before ^ 1));
  }

  private static void assertSameSession(SessionKeys initiator, SessionKeys responder) {
    assertThat(initiator.initiator()).isTrue();
    assertThat(responder.initiator()).isFalse();
    assertThat(SecretKey.equal(initiator.sendKey(), responder.receiveKey())).isTrue();
    assertThat(SecretKey.equal(initiator.receiveKey(), responder.sendKey())).isTrue();
    assertThat(SecretKey.equal(initiator.sendKey(), initiator.receiveKey())).isFalse();
    assertThat(initiator.sendKey().isZero()).isFalse();
    assertThat(initiator.localIndex()).isEqualTo(responder.remoteIndex());
    assertThat(initiator.remoteIndex()).isEqualTo(responder.localIndex());
    initiator.sendKey().close();
    initiator.receiveKey().close();
    responder.sendKey().close();
    responder.receiveKey().close();
  }
}
