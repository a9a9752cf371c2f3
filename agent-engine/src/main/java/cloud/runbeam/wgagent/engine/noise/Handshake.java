package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.X25519;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.ResponseLayout;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The handshake with one peer, in the order of the WireGuard paper, whose sections are named where
 * they are obeyed.
 *
 * <pre>
 *   as initiator:  idle --writeInitiation-->  awaiting --consumeResponse--> agreed --deriveSession--> idle
 *   as responder:  idle --consumeInitiation--> owing   --writeResponse-->   agreed --deriveSession--> idle
 * </pre>
 *
 * <p>The two halves do not disturb each other: when both sides initiate at once, each answers the
 * other's initiation and still accepts the answer to its own. {@link #deriveSession} follows at
 * once whatever made the handshake agreed. A message that is refused changes nothing, and a message
 * that was accepted is not accepted again: the initiation because its timestamp is not new any
 * more, the response because nothing awaits it.
 *
 * <p>MACs (section 5.4.4) are left zero here and not looked at; {@code engine.cookie} adds and
 * verifies them.
 *
 * <p>Conductor thread only.
 */
public final class Handshake implements AutoCloseable {
  /**
   * What the writing methods return instead of a length when the peer's key is degenerate and
   * nothing may be sent.
   */
  public static final int REFUSED = -1;

  /**
   * A peer's initiations are this far apart at least; more often, somebody replays or floods.
   * Linux: INITIATIONS_PER_SECOND = 50.
   */
  public static final long MIN_INITIATION_INTERVAL_NS = 20_000_000;

  private final KeyArena arena;
  private final PublicKey remoteStatic;
  private final SecretKey presharedKey;
  private final StaticSecrets staticSecrets;

  private final InitiationHistory initiations = new InitiationHistory();

  private @Nullable Awaiting awaiting;
  private @Nullable Owing owing;
  private @Nullable Agreed agreed;

  /** A handshake with the peer of this key, without preshared key. */
  public Handshake(KeyArena arena, PublicKey remoteStatic) {
    this.arena = arena;
    this.remoteStatic = remoteStatic;
    this.presharedKey = arena.allocate();
    this.staticSecrets = new StaticSecrets(arena, remoteStatic);
  }

  /** The peer's static public key. */
  public PublicKey remoteStatic() {
    return remoteStatic;
  }

  /** The preshared key, all zero for none; stays with the handshake. */
  public SecretKey presharedKey() {
    return presharedKey;
  }

  /**
   * Copies the preshared key in, all zero for none. Takes effect with the next response, sent or
   * received; sessions stay.
   */
  public void setPresharedKey(SecretKey key) {
    presharedKey.copyFrom(key);
  }

  /** The local index of the initiation that awaits its response; empty when none does. */
  public OptionalInt awaitingIndex() {
    return awaiting == null ? OptionalInt.empty() : OptionalInt.of(awaiting.localIndex());
  }

  /** The identity of the initiation that awaits its response; null when none does. */
  public @Nullable LocalIdentity awaitingIdentity() {
    return awaiting == null ? null : awaiting.identity();
  }

  // Initiator, first message.

  /**
   * Writes an initiation (section 5.4.2), which replaces one that still awaits its response.
   *
   * @param out receives {@link InitiationLayout#BYTES} bytes from {@code offset} on, both MACs zero
   * @param senderIndex what the peer shall call the session
   * @param timestamp later than any before it, under any identity
   * @return the length of the message, or {@link #REFUSED} if the peer's static key is of low
   *     order: nothing was written
   */
  public int writeInitiation(
      LocalIdentity identity,
      MemorySegment out,
      long offset,
      int senderIndex,
      Tai64n timestamp,
      EntropySource entropy) {
    dropAwaiting();
    SecretKey staticSecret = staticSecrets.with(identity);
    if (staticSecret == null) {
      return REFUSED;
    }
    MemorySegment message = out.asSlice(offset, InitiationLayout.BYTES);
    SecretKey ephemeral = X25519.generate(arena, entropy);
    SymmetricState state = new SymmetricState(arena, remoteStatic);
    try (SecretKey shared = arena.allocate()) {
      InitiationLayout.begin(message, 0, senderIndex);

      PublicKey ephemeralPublic = ephemeral.publicKey();
      ephemeralPublic.copyTo(message, InitiationLayout.EPHEMERAL);
      state.mixEphemeral(ephemeralPublic);

      // The product with our static key is not zero, so the peer's key is not of low order, and
      // neither is this product zero.
      X25519.agree(ephemeral, remoteStatic, shared);
      state.mixSharedForKey(shared);
      state.seal(MemorySegment.ofArray(identity.publicKey().toBytes()), staticField(message));

      state.mixSharedForKey(staticSecret);
      MemorySegment label = MemorySegment.ofArray(new byte[Tai64n.BYTES]);
      timestamp.write(label, 0);
      state.seal(label, timestampField(message));
    }
    awaiting = new Awaiting(identity, senderIndex, ephemeral, state);
    return InitiationLayout.BYTES;
  }

  // Responder.

  /**
   * Reads an initiation (section 5.4.2) whose MAC1 has been verified.
   *
   * @param identity the one whose public key MAC1 was made with
   * @param lookup finds the peer once its static key is known
   * @param message holds {@link InitiationLayout#BYTES} bytes from {@code offset} on
   * @param nowNs the monotonic clock
   */
  public static InitiationResult consumeInitiation(
      LocalIdentity identity,
      HandshakeLookup lookup,
      MemorySegment message,
      long offset,
      long nowNs) {
    MemorySegment initiation = message.asSlice(offset, InitiationLayout.BYTES);
    KeyArena arena = identity.arena();
    PublicKey remoteEphemeral = PublicKey.read(initiation, InitiationLayout.EPHEMERAL);
    try (SymmetricState state = new SymmetricState(arena, identity.publicKey());
        SecretKey shared = arena.allocate()) {
      state.mixEphemeral(remoteEphemeral);

      if (!X25519.agree(identity.privateKey(), remoteEphemeral, shared)) {
        return new InitiationResult.Refused(DropReason.INVALID_HANDSHAKE);
      }
      state.mixSharedForKey(shared);
      MemorySegment remoteStatic = MemorySegment.ofArray(new byte[PublicKey.BYTES]);
      if (!state.open(staticField(initiation), remoteStatic)) {
        return new InitiationResult.Refused(DropReason.INVALID_HANDSHAKE);
      }

      Handshake handshake = lookup.find(PublicKey.read(remoteStatic, 0));
      if (handshake == null) {
        return new InitiationResult.Refused(DropReason.UNKNOWN_PEER);
      }
      SecretKey staticSecret = handshake.staticSecrets.with(identity);
      if (staticSecret == null) {
        return new InitiationResult.Refused(DropReason.INVALID_HANDSHAKE);
      }
      state.mixSharedForKey(staticSecret);
      MemorySegment label = MemorySegment.ofArray(new byte[Tai64n.BYTES]);
      if (!state.open(timestampField(initiation), label)) {
        return new InitiationResult.Refused(DropReason.INVALID_HANDSHAKE);
      }
      int remoteIndex = InitiationLayout.senderIndex(initiation, 0);
      return handshake.accept(
          identity, Tai64n.read(label, 0), nowNs, remoteIndex, remoteEphemeral, state);
    }
  }

  private InitiationResult accept(
      LocalIdentity identity,
      Tai64n timestamp,
      long nowNs,
      int remoteIndex,
      PublicKey remoteEphemeral,
      SymmetricState state) {
    Optional<DropReason> refused = initiations.take(identity, timestamp, nowNs);
    if (refused.isPresent()) {
      return new InitiationResult.Refused(refused.get());
    }
    dropOwing();
    owing = new Owing(remoteIndex, remoteEphemeral, new SymmetricState(arena, state));
    return new InitiationResult.Accepted(this);
  }

  /**
   * Writes the response (section 5.4.3) to the initiation that was accepted last. {@link
   * #deriveSession} must follow.
   *
   * @param out receives {@link ResponseLayout#BYTES} bytes from {@code offset} on, both MACs zero
   * @param senderIndex what the peer shall call the session
   * @return the length of the message, or {@link #REFUSED} if a key of the peer is of low order:
   *     nothing may be sent
   * @throws IllegalStateException if no initiation is to be answered
   */
  public int writeResponse(MemorySegment out, long offset, int senderIndex, EntropySource entropy) {
    Owing initiation = owing;
    if (initiation == null) {
      throw new IllegalStateException("no initiation to respond to");
    }
    owing = null;
    SymmetricState state = initiation.state();
    boolean complete = false;
    try (SecretKey ephemeral = X25519.generate(arena, entropy);
        SecretKey shared = arena.allocate()) {
      MemorySegment message = out.asSlice(offset, ResponseLayout.BYTES);
      ResponseLayout.begin(message, 0, senderIndex, initiation.remoteIndex());

      PublicKey ephemeralPublic = ephemeral.publicKey();
      ephemeralPublic.copyTo(message, ResponseLayout.EPHEMERAL);
      state.mixEphemeral(ephemeralPublic);

      if (!X25519.agree(ephemeral, initiation.remoteEphemeral(), shared)) {
        return REFUSED;
      }
      state.mixShared(shared);
      if (!X25519.agree(ephemeral, remoteStatic, shared)) {
        return REFUSED;
      }
      state.mixShared(shared);
      state.mixPresharedKey(arena, presharedKey);
      state.sealNothing(emptyField(message));
      complete = true;
    } finally {
      if (!complete) {
        state.close();
      }
    }
    agree(new Agreed(state, false, senderIndex, initiation.remoteIndex()));
    return ResponseLayout.BYTES;
  }

  /** Leaves the initiation that was accepted last without a response. */
  public void leaveUnanswered() {
    dropOwing();
  }

  // Initiator, second message.

  /**
   * Reads the response (section 5.4.3) to the initiation that awaits one. When it is accepted,
   * {@link #deriveSession} must follow.
   *
   * @param message holds {@link ResponseLayout#BYTES} bytes from {@code offset} on
   * @return why the response is refused, in which case the initiation still awaits one; empty when
   *     it is accepted
   */
  public Optional<DropReason> consumeResponse(MemorySegment message, long offset) {
    MemorySegment response = message.asSlice(offset, ResponseLayout.BYTES);
    Awaiting initiation = awaiting;
    if (initiation == null
        || initiation.localIndex() != ResponseLayout.receiverIndex(response, 0)) {
      return Optional.of(DropReason.UNKNOWN_INDEX);
    }
    PublicKey remoteEphemeral = PublicKey.read(response, ResponseLayout.EPHEMERAL);
    // On a copy: a forged response must not spoil the genuine one.
    SymmetricState state = new SymmetricState(arena, initiation.state());
    boolean accepted = false;
    try (SecretKey shared = arena.allocate()) {
      state.mixEphemeral(remoteEphemeral);
      if (!X25519.agree(initiation.ephemeral(), remoteEphemeral, shared)) {
        return Optional.of(DropReason.INVALID_HANDSHAKE);
      }
      state.mixShared(shared);
      if (!X25519.agree(initiation.identity().privateKey(), remoteEphemeral, shared)) {
        return Optional.of(DropReason.INVALID_HANDSHAKE);
      }
      state.mixShared(shared);
      state.mixPresharedKey(arena, presharedKey);
      if (!state.openNothing(emptyField(response))) {
        return Optional.of(DropReason.INVALID_HANDSHAKE);
      }
      accepted = true;
    } finally {
      if (!accepted) {
        state.close();
      }
    }
    dropAwaiting();
    agree(
        new Agreed(state, true, initiation.localIndex(), ResponseLayout.senderIndex(response, 0)));
    return Optional.empty();
  }

  // Both.

  /**
   * The keys of the session just agreed on (section 5.4.5); the chaining key they come from is
   * wiped.
   *
   * @throws IllegalStateException unless {@link #writeResponse} or {@link #consumeResponse} has
   *     just succeeded
   */
  public SessionKeys deriveSession() {
    Agreed session = agreed;
    if (session == null) {
      throw new IllegalStateException("no session was agreed on");
    }
    agreed = null;
    try (SymmetricState state = session.state()) {
      SecretKey initiatorSends = arena.allocate();
      SecretKey responderSends = arena.allocate();
      state.deriveTransport(initiatorSends, responderSends);
      return session.initiator()
          ? new SessionKeys(
              initiatorSends, responderSends, true, session.localIndex(), session.remoteIndex())
          : new SessionKeys(
              responderSends, initiatorSends, false, session.localIndex(), session.remoteIndex());
    }
  }

  /**
   * Drops whatever is under way. The last timestamp stays, so that old initiations stay refused.
   */
  public void clear() {
    dropAwaiting();
    dropOwing();
    dropAgreed();
  }

  /**
   * Drops what was computed with {@code identity}, whose key is about to be wiped, and an
   * initiation under it that awaits its response.
   */
  public void forget(LocalIdentity identity) {
    if (awaiting != null && awaiting.identity() == identity) {
      dropAwaiting();
    }
    staticSecrets.forget(identity);
    initiations.forget(identity);
  }

  /** Wipes every secret of this handshake. Idempotent. */
  @Override
  public void close() {
    clear();
    staticSecrets.close();
    presharedKey.close();
  }

  private void agree(Agreed session) {
    dropAgreed();
    agreed = session;
  }

  private void dropAwaiting() {
    if (awaiting != null) {
      awaiting.ephemeral().close();
      awaiting.state().close();
      awaiting = null;
    }
  }

  private void dropOwing() {
    if (owing != null) {
      owing.state().close();
      owing = null;
    }
  }

  private void dropAgreed() {
    if (agreed != null) {
      agreed.state().close();
      agreed = null;
    }
  }

  private static MemorySegment staticField(MemorySegment initiation) {
    return initiation.asSlice(InitiationLayout.STATIC, InitiationLayout.STATIC_BYTES);
  }

  private static MemorySegment timestampField(MemorySegment initiation) {
    return initiation.asSlice(InitiationLayout.TIMESTAMP, InitiationLayout.TIMESTAMP_BYTES);
  }

  private static MemorySegment emptyField(MemorySegment response) {
    return response.asSlice(ResponseLayout.EMPTY, ResponseLayout.EMPTY_BYTES);
  }

  /** We have initiated: what is needed to read the response. */
  private record Awaiting(
      LocalIdentity identity, int localIndex, SecretKey ephemeral, SymmetricState state) {}

  /** The peer has initiated: what is needed to write the response. */
  private record Owing(int remoteIndex, PublicKey remoteEphemeral, SymmetricState state) {}

  /** Both messages are exchanged: what is needed to derive the session. */
  private record Agreed(SymmetricState state, boolean initiator, int localIndex, int remoteIndex) {}
}
