package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * {@link Aead} on HotSpot's vector code without JCE's set-up per call.
 *
 * <p>A packet passes through scratch arrays on the heap, because the vector code reads arrays only;
 * the copies cost next to nothing beside the arithmetic. Text meets keystream at the index that the
 * keystream has: a loop over two arrays with one index is what the compiler turns into vector code.
 * The ciphertext lies in the form that is authenticated (RFC 8439 section 2.8), so that one call
 * covers all of it:
 *
 * <pre>
 *   keystream:  | block 0: one-time key | block 1 | block 2 | ... as many as the processor makes at once |
 *   text:                               | byte 0 of the packet ...
 *
 *   ciphertext: | n bytes | zeros up to a multiple of 16 | 0 (8 bytes) | n (8 bytes) |
 * </pre>
 *
 * <p>Key words, the one-time key and the sums are wiped after each packet. Keystream and text stay
 * until the next one: they tell about their own packet and nothing else.
 */
final class IntrinsicAead implements Aead {
  static final AeadProvider PROVIDER =
      new AeadProvider() {
        @Override
        public Aead newAead() {
          return new IntrinsicAead();
        }

        @Override
        public String name() {
          return "intrinsics";
        }
      };

  private static final int BLOCK_BYTES = ChaCha20Poly1305.BLOCK_BYTES;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int[] state = new int[ChaCha20Poly1305.STATE_WORDS];
  private final byte[] keystream = new byte[HotSpotIntrinsics.MAX_KEYSTREAM_BYTES];
  private final byte[] text = new byte[HotSpotIntrinsics.MAX_KEYSTREAM_BYTES];
  private final byte[] ciphertext =
      new byte[ChaCha20Poly1305.roundUp(MAX_PLAINTEXT_BYTES) + Poly1305.BLOCK_BYTES];
  private final byte[] tag = new byte[TAG_BYTES];
  private final Object poly = HotSpotIntrinsics.newPoly1305();
  private final long[] accumulator = HotSpotIntrinsics.accumulator(poly);
  private final long[] r = HotSpotIntrinsics.r(poly);
  private final Poly1305 authenticator = new Poly1305(accumulator, r);

  /** Bytes of keystream that the last call made. */
  private int made;

  /** Bytes of it that have met text. */
  private int used;

  @Override
  public void seal(
      SecretKey key,
      long counter,
      MemorySegment src,
      long srcOffset,
      int plaintextBytes,
      int paddingBytes,
      MemorySegment dst,
      long dstOffset) {
    Objects.checkFromIndexSize(plaintextBytes, paddingBytes, MAX_PLAINTEXT_BYTES);
    Objects.checkFromIndexSize(srcOffset, plaintextBytes, src.byteSize());
    int bytes = plaintextBytes + paddingBytes;
    Objects.checkFromIndexSize(dstOffset, bytes + TAG_BYTES, dst.byteSize());
    try {
      start(key, counter);
      int done = 0;
      while (done < bytes) {
        int length = keystreamFor(bytes - done);
        int plaintext = Math.clamp(plaintextBytes - done, 0, length);
        if (plaintext > 0) { // a piece of padding only has no place in the source
          MemorySegment.copy(src, ValueLayout.JAVA_BYTE, srcOffset + done, text, used, plaintext);
        }
        Arrays.fill(text, used + plaintext, used + length, (byte) 0);
        xor(text, keystream, used, used + length);
        System.arraycopy(text, used, ciphertext, done, length);
        used += length;
        done += length;
      }
      authenticate(bytes);
    } finally {
      wipe();
    }
    MemorySegment.copy(ciphertext, 0, dst, ValueLayout.JAVA_BYTE, dstOffset, bytes);
    MemorySegment.copy(tag, 0, dst, ValueLayout.JAVA_BYTE, dstOffset + bytes, TAG_BYTES);
  }

  @Override
  public int open(
      SecretKey key,
      long counter,
      MemorySegment src,
      long srcOffset,
      int ciphertextBytes,
      MemorySegment dst,
      long dstOffset) {
    Objects.checkFromIndexSize(srcOffset, ciphertextBytes, src.byteSize());
    int bytes = ciphertextBytes - TAG_BYTES;
    if (bytes < 0) {
      return -1;
    }
    Objects.checkIndex(bytes, MAX_PLAINTEXT_BYTES + 1);
    Objects.checkFromIndexSize(dstOffset, bytes, dst.byteSize());
    MemorySegment.copy(src, ValueLayout.JAVA_BYTE, srcOffset, ciphertext, 0, bytes);
    try {
      start(key, counter);
      authenticate(bytes);
      if (!tagIsAt(src, srcOffset + bytes)) {
        return -1;
      }
      int done = 0;
      while (done < bytes) {
        int length = keystreamFor(bytes - done);
        System.arraycopy(ciphertext, done, text, used, length);
        xor(text, keystream, used, used + length);
        MemorySegment.copy(text, used, dst, ValueLayout.JAVA_BYTE, dstOffset + done, length);
        used += length;
        done += length;
      }
    } finally {
      wipe();
    }
    return bytes;
  }

  /** Makes the first keystream and keys the authenticator with block 0, which that uses up. */
  private void start(SecretKey key, long counter) {
    ChaCha20Poly1305.initialize(state, key, counter);
    made = HotSpotIntrinsics.chaCha20Blocks(state, keystream);
    authenticator.start(keystream, 0);
    used = BLOCK_BYTES;
  }

  /**
   * Makes more keystream if it is used up; returns how much there is to use, at most {@code wanted}
   * bytes.
   */
  private int keystreamFor(int wanted) {
    if (used == made) {
      state[ChaCha20Poly1305.BLOCK_COUNTER_WORD] += made / BLOCK_BYTES;
      made = HotSpotIntrinsics.chaCha20Blocks(state, keystream);
      used = 0;
    }
    return Math.min(wanted, made - used);
  }

  /** Puts padding and lengths behind the ciphertext and leaves its tag in {@link #tag}. */
  private void authenticate(int bytes) {
    int padded = ChaCha20Poly1305.roundUp(bytes);
    Arrays.fill(ciphertext, bytes, padded, (byte) 0);
    LONG.set(ciphertext, padded, 0L);
    LONG.set(ciphertext, padded + Long.BYTES, (long) bytes);
    HotSpotIntrinsics.poly1305Blocks(
        poly, ciphertext, 0, padded + Poly1305.BLOCK_BYTES, accumulator, r);
    authenticator.finish(tag, 0);
  }

  /** Compares in the same time whatever the tags are. */
  private boolean tagIsAt(MemorySegment segment, long offset) {
    long difference =
        ((long) LONG.get(tag, 0) ^ segment.get(ChaCha20Poly1305.LONG, offset))
            | ((long) LONG.get(tag, Long.BYTES)
                ^ segment.get(ChaCha20Poly1305.LONG, offset + Long.BYTES));
    return difference == 0;
  }

  private void wipe() {
    Arrays.fill(state, 0);
    Arrays.fill(keystream, 0, BLOCK_BYTES, (byte) 0);
    authenticator.wipe();
  }

  private static void xor(byte[] target, byte[] mask, int from, int to) {
    for (int i = from; i < to; i++) {
      target[i] ^= mask[i];
    }
  }
}
