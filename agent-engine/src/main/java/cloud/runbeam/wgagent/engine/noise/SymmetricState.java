package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.crypto.HandshakeAead;
import cloud.runbeam.wgagent.engine.crypto.Kdf;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The chaining key {@code C}, the hash {@code H} and the message key {@code k} (κ in the paper)
 * that both messages of a handshake work on, off-heap. Sections named here are the paper's.
 */
final class SymmetricState implements AutoCloseable {
  /** Section 5.4: CONSTRUCTION. */
  private static final byte[] CONSTRUCTION =
      "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(StandardCharsets.US_ASCII);

  /** Section 5.4: IDENTIFIER. */
  private static final byte[] IDENTIFIER =
      "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(StandardCharsets.US_ASCII);

  /**
   * Section 5.4.2: C := HASH(CONSTRUCTION); H := HASH(C || IDENTIFIER). Both are the same for
   * everybody.
   */
  private static final byte[] INITIAL_CHAINING_KEY = Blake2s.hashOf(CONSTRUCTION);

  private static final byte[] INITIAL_HASH = Blake2s.hashOf(INITIAL_CHAINING_KEY, IDENTIFIER);

  /** Every message key seals one thing only. */
  private static final long ONLY_COUNTER = 0;

  private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

  private final SecretKey chainingKey;
  private final SecretKey hash;
  private final SecretKey messageKey;

  /**
   * Section 5.4.2, the first three steps: H includes the responder's static key, which both sides
   * know.
   */
  SymmetricState(KeyArena arena, PublicKey responderStatic) {
    chainingKey = arena.copyOf(INITIAL_CHAINING_KEY);
    hash = arena.copyOf(INITIAL_HASH);
    messageKey = arena.allocate();
    mixHash(responderStatic);
  }

  /** A copy that its owner closes. */
  SymmetricState(KeyArena arena, SymmetricState source) {
    chainingKey = arena.copyOf(source.chainingKey);
    hash = arena.copyOf(source.hash);
    messageKey = arena.copyOf(source.messageKey);
  }

  /** H := HASH(H || data). */
  void mixHash(MemorySegment data) {
    byte[] mixed =
        Blake2s.hash()
            .update(hash.bytes(), 0, SecretKey.BYTES)
            .update(data, 0, data.byteSize())
            .finish();
    MemorySegment.copy(mixed, 0, hash.bytes(), ValueLayout.JAVA_BYTE, 0, SecretKey.BYTES);
    Arrays.fill(mixed, (byte) 0);
  }

  /** H := HASH(H || key). */
  void mixHash(PublicKey key) {
    mixHash(MemorySegment.ofArray(key.toBytes()));
  }

  /** An ephemeral key enters both: C := KDF1(C, E); H := HASH(H || E). */
  void mixEphemeral(PublicKey ephemeral) {
    Kdf.derive(chainingKey, MemorySegment.ofArray(ephemeral.toBytes()), chainingKey);
    mixHash(ephemeral);
  }

  /** C := KDF1(C, shared). */
  void mixShared(SecretKey shared) {
    Kdf.derive(chainingKey, shared.bytes(), chainingKey);
  }

  /** (C, k) := KDF2(C, shared). */
  void mixSharedForKey(SecretKey shared) {
    Kdf.derive(chainingKey, shared.bytes(), chainingKey, messageKey);
  }

  /**
   * (C, τ, k) := KDF3(C, Q); H := HASH(H || τ), section 5.4.3. Q is 32 zeros where there is none.
   */
  void mixPresharedKey(KeyArena arena, SecretKey presharedKey) {
    try (SecretKey tau = arena.allocate()) {
      Kdf.derive(chainingKey, presharedKey.bytes(), chainingKey, tau, messageKey);
      mixHash(tau.bytes());
    }
  }

  /**
   * target := AEAD(k, 0, plaintext, H); H := HASH(H || target). {@code target} is exactly 16 bytes
   * longer than {@code plaintext}.
   */
  void seal(MemorySegment plaintext, MemorySegment target) {
    HandshakeAead.seal(messageKey, ONLY_COUNTER, hash.bytes(), plaintext, target, 0);
    mixHash(target);
  }

  /** As {@link #seal} of no bytes. */
  void sealNothing(MemorySegment target) {
    seal(NOTHING, target);
  }

  /**
   * The reverse of {@link #seal}, with the same effect on H.
   *
   * @return whether {@code sealed} authenticates; if not, nothing is changed
   */
  boolean open(MemorySegment sealed, MemorySegment plaintext) {
    if (!HandshakeAead.open(messageKey, ONLY_COUNTER, hash.bytes(), sealed, plaintext)) {
      return false;
    }
    mixHash(sealed);
    return true;
  }

  /** As {@link #open} of a seal over no bytes. */
  boolean openNothing(MemorySegment sealed) {
    return open(sealed, NOTHING);
  }

  /** (T1, T2) := KDF2(C, ε), section 5.4.5. */
  void deriveTransport(SecretKey first, SecretKey second) {
    Kdf.derive(chainingKey, NOTHING, first, second);
  }

  @Override
  public void close() {
    chainingKey.close();
    hash.close();
    messageKey.close();
  }
}
