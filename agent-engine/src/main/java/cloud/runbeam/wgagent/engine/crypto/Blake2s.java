package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * BLAKE2s (RFC 7693): {@code HASH} with 32 bytes of output and, keyed, {@code MAC} with 16
 * (WireGuard paper, section 5.4).
 *
 * <p>Input is streamed in; finishing resets to the start, key included, so that one object serves
 * many messages. Everything that came of the input is wiped then: chaining keys and preshared keys
 * are hashed with this, and libraries leave copies of their input to the collector. Not
 * thread-safe.
 */
public final class Blake2s {
  /** Length of {@code HASH} in bytes. */
  public static final int HASH_BYTES = 32;

  /** Length of {@code MAC} in bytes. */
  public static final int MAC_BYTES = 16;

  /** Input block in bytes; HMAC pads its key to it. */
  static final int BLOCK_BYTES = 64;

  private static final int WORDS = 16;

  /** RFC 7693 section 2.6: the words that SHA-256 starts from, too. */
  private static final int[] IV = {
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19
  };

  /** RFC 7693 section 2.7: the order in which each round takes the words of the message. */
  private static final byte[][] SIGMA = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}
  };

  /** RFC 7693 section 2.5: fanout and depth 1, everything else 0. */
  private static final int SEQUENTIAL_MODE = 0x0101_0000;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final int digestBytes;
  private final byte[] key;

  // Of the message under way.
  private final int[] state = new int[IV.length];
  private final byte[] block = new byte[BLOCK_BYTES];
  private int filled;
  private long counted;

  // Of the block under way.
  private final int[] work = new int[WORDS];
  private final int[] message = new int[WORDS];

  private Blake2s(int digestBytes, byte[] key) {
    this.digestBytes = digestBytes;
    this.key = key;
    start();
  }

  /** {@code HASH}: no key, 32 bytes of output. */
  public static Blake2s hash() {
    return of(HASH_BYTES, null);
  }

  /**
   * {@code MAC}: keyed, 16 bytes of output.
   *
   * @param key 1 to 32 bytes; copied into the object, where {@link #forgetKey} wipes it
   */
  public static Blake2s mac(byte[] key) {
    return of(MAC_BYTES, key);
  }

  /**
   * BLAKE2s with any parameters of RFC 7693: 1 to 32 bytes of output, a key of up to 32 bytes or
   * none.
   */
  static Blake2s of(int digestBytes, byte @Nullable [] key) {
    int keyBytes = key == null ? 0 : key.length;
    if (digestBytes < 1 || digestBytes > HASH_BYTES || keyBytes > HASH_BYTES) {
      throw new IllegalArgumentException(
          "BLAKE2s has no output of " + digestBytes + " bytes with a key of " + keyBytes);
    }
    return new Blake2s(digestBytes, key == null ? new byte[0] : key.clone());
  }

  /** {@code HASH} of the concatenation of {@code parts}. */
  public static byte[] hashOf(byte[]... parts) {
    Blake2s hash = hash();
    for (byte[] part : parts) {
      hash.update(part);
    }
    return hash.finish();
  }

  /** Appends to the input. */
  public Blake2s update(byte[] input) {
    return update(input, 0, input.length);
  }

  /** Appends to the input. */
  public Blake2s update(byte[] input, int offset, int length) {
    return update(MemorySegment.ofArray(input), offset, length);
  }

  /** Appends to the input. */
  public Blake2s update(MemorySegment input, long offset, long length) {
    for (long done = 0; done < length; ) {
      if (filled == BLOCK_BYTES) {
        // Only now that more follows it is known not to be the last one.
        compress(0);
      }
      int bytes = (int) Math.min(BLOCK_BYTES - filled, length - done);
      MemorySegment.copy(input, ValueLayout.JAVA_BYTE, offset + done, block, filled, bytes);
      filled += bytes;
      done += bytes;
    }
    return this;
  }

  /** The digest of everything since the start or the last finish. */
  public byte[] finish() {
    byte[] output = new byte[digestBytes];
    finish(output, 0);
    return output;
  }

  /** As {@link #finish()}, into {@code output} from {@code offset} on. */
  public void finish(byte[] output, int offset) {
    Arrays.fill(block, filled, BLOCK_BYTES, (byte) 0);
    compress(-1);
    for (int i = 0; i < digestBytes; i++) {
      output[offset + i] = (byte) (state[i / Integer.BYTES] >>> (Byte.SIZE * (i % Integer.BYTES)));
    }
    wipe();
    start();
  }

  /** Wipes the key; only for an object that is not used again. */
  public void forgetKey() {
    Arrays.fill(key, (byte) 0);
    wipe();
    start();
  }

  private void start() {
    System.arraycopy(IV, 0, state, 0, IV.length);
    state[0] ^= SEQUENTIAL_MODE ^ key.length << 8 ^ digestBytes;
    counted = 0;
    filled = 0;
    if (key.length > 0) {
      // The key, padded with zeros, is the first block of the message.
      System.arraycopy(key, 0, block, 0, key.length);
      filled = BLOCK_BYTES;
    }
  }

  private void wipe() {
    Arrays.fill(state, 0);
    Arrays.fill(block, (byte) 0);
    Arrays.fill(work, 0);
    Arrays.fill(message, 0);
  }

  /**
   * RFC 7693 section 3.2, function F, on the block.
   *
   * @param last all bits set for the last block, none otherwise
   */
  private void compress(int last) {
    counted += filled;
    filled = 0;
    System.arraycopy(state, 0, work, 0, state.length);
    System.arraycopy(IV, 0, work, state.length, IV.length);
    work[12] ^= (int) counted;
    work[13] ^= (int) (counted >>> 32);
    work[14] ^= last;
    for (int i = 0; i < WORDS; i++) {
      message[i] = (int) WORD.get(block, i * Integer.BYTES);
    }
    for (byte[] order : SIGMA) {
      mix(0, 4, 8, 12, message[order[0]], message[order[1]]);
      mix(1, 5, 9, 13, message[order[2]], message[order[3]]);
      mix(2, 6, 10, 14, message[order[4]], message[order[5]]);
      mix(3, 7, 11, 15, message[order[6]], message[order[7]]);
      mix(0, 5, 10, 15, message[order[8]], message[order[9]]);
      mix(1, 6, 11, 12, message[order[10]], message[order[11]]);
      mix(2, 7, 8, 13, message[order[12]], message[order[13]]);
      mix(3, 4, 9, 14, message[order[14]], message[order[15]]);
    }
    for (int i = 0; i < state.length; i++) {
      state[i] ^= work[i] ^ work[i + state.length];
    }
  }

  /** RFC 7693 section 3.1, function G. */
  private void mix(int a, int b, int c, int d, int x, int y) {
    work[a] += work[b] + x;
    work[d] = Integer.rotateRight(work[d] ^ work[a], 16);
    work[c] += work[d];
    work[b] = Integer.rotateRight(work[b] ^ work[c], 12);
    work[a] += work[b] + y;
    work[d] = Integer.rotateRight(work[d] ^ work[a], 8);
    work[c] += work[d];
    work[b] = Integer.rotateRight(work[b] ^ work[c], 7);
  }
}
