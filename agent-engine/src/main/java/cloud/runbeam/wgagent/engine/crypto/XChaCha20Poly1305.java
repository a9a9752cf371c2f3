package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * {@code XAEAD} of the WireGuard paper, sections 5.4 and 5.4.7: XChaCha20-Poly1305
 * (draft-irtf-cfrg-xchacha-03), whose nonce of 24 bytes may be random. Any thread; copies made on
 * the heap are wiped before return.
 */
public final class XChaCha20Poly1305 {
  /** Length of the nonce in bytes. */
  public static final int NONCE_BYTES = 24;

  /** The part of the nonce that goes into the subkey. */
  private static final int SUBKEY_NONCE_BYTES = 16;

  private static final ValueLayout.OfInt WORD =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private XChaCha20Poly1305() {}

  /** Returns ciphertext and tag of {@code plaintext}; {@code nonce} is 24 bytes. */
  public static byte[] seal(
      KeyArena arena, SecretKey key, MemorySegment nonce, byte[] authText, byte[] plaintext) {
    try (SecretKey subkey = subkey(arena, key, nonce)) {
      return ChaCha20Poly1305.seal(subkey, counter(nonce), authText, plaintext);
    }
  }

  /**
   * Opens {@code sealed}, ciphertext and tag, into {@code plaintext}, which is 16 bytes shorter.
   *
   * @return false if {@code sealed} does not authenticate, and then nothing was written
   */
  public static boolean open(
      KeyArena arena,
      SecretKey key,
      MemorySegment nonce,
      byte[] authText,
      byte[] sealed,
      byte[] plaintext) {
    try (SecretKey subkey = subkey(arena, key, nonce)) {
      return ChaCha20Poly1305.open(subkey, counter(nonce), authText, sealed, plaintext);
    }
  }

  /**
   * The inner nonce is four zero bytes and the last eight of the outer one, section 2.3 of the
   * draft.
   */
  private static long counter(MemorySegment nonce) {
    return nonce.get(ChaCha20Poly1305.LONG, SUBKEY_NONCE_BYTES);
  }

  /**
   * HChaCha20, section 2.2 of the draft: words 0 to 3 and 12 to 15 after twenty rounds. The block
   * function adds its input at the end, which is taken off again here.
   */
  static SecretKey subkey(KeyArena arena, SecretKey key, MemorySegment nonce) {
    int[] state = new int[ChaCha20Poly1305.STATE_WORDS];
    int[] mixed = new int[ChaCha20Poly1305.STATE_WORDS];
    try {
      ChaCha20Poly1305.initialize(state, key, 0);
      for (int i = 0; i < SUBKEY_NONCE_BYTES / Integer.BYTES; i++) {
        state[ChaCha20Poly1305.BLOCK_COUNTER_WORD + i] = nonce.get(WORD, (long) i * Integer.BYTES);
      }
      ChaCha20Poly1305.mix(state, mixed);
      SecretKey subkey = arena.allocate();
      MemorySegment bytes = subkey.bytes();
      for (int i = 0; i < 4; i++) {
        bytes.set(WORD, (long) i * Integer.BYTES, mixed[i] - state[i]);
        int last = ChaCha20Poly1305.BLOCK_COUNTER_WORD + i;
        bytes.set(WORD, (long) (4 + i) * Integer.BYTES, mixed[last] - state[last]);
      }
      return subkey;
    } finally {
      Arrays.fill(state, 0);
      Arrays.fill(mixed, 0);
    }
  }
}
