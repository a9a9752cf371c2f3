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
 * <p>A packet passes through a scratch array on the heap, because the vector code reads arrays
 * only; the copies cost next to nothing beside the arithmetic. It lies there in the form that is
 * authenticated (RFC 8439 section 2.8), so that one call covers all of it:
 *
 * <pre>
 *   data: | ciphertext, n bytes | zeros up to a multiple of 16 | 0 (8 bytes) | n (8 bytes) |
 * </pre>
 *
 * <p>The first call for keystream serves both the one-time key (block 0) and, where the processor
 * makes several blocks at once, the first bytes of the packet. Key words, the one-time key and the
 * sums are wiped after each packet.
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
  private final byte[] data =
      new byte[ChaCha20Poly1305.roundUp(MAX_PLAINTEXT_BYTES) + Poly1305.BLOCK_BYTES];
  private final byte[] tag = new byte[TAG_BYTES];
  private final Object poly = HotSpotIntrinsics.newPoly1305();
  private final long[] accumulator = HotSpotIntrinsics.accumulator(poly);
  private final long[] r = HotSpotIntrinsics.r(poly);
  private final Poly1305 authenticator = new Poly1305(accumulator, r);

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
    int bytes = plaintextBytes + paddingBytes;
    Objects.checkFromIndexSize(dstOffset, bytes + TAG_BYTES, dst.byteSize());
    MemorySegment.copy(src, ValueLayout.JAVA_BYTE, srcOffset, data, 0, plaintextBytes);
    Arrays.fill(data, plaintextBytes, bytes, (byte) 0);
    try {
      int available = start(key, counter);
      applyKeystream(bytes, available);
      authenticate(bytes);
    } finally {
      wipe();
    }
    MemorySegment.copy(data, 0, dst, ValueLayout.JAVA_BYTE, dstOffset, bytes);
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
    MemorySegment.copy(src, ValueLayout.JAVA_BYTE, srcOffset, data, 0, bytes);
    try {
      int available = start(key, counter);
      authenticate(bytes);
      if (!tagIsAt(src, srcOffset + bytes)) {
        return -1;
      }
      applyKeystream(bytes, available);
    } finally {
      wipe();
    }
    MemorySegment.copy(data, 0, dst, ValueLayout.JAVA_BYTE, dstOffset, bytes);
    return bytes;
  }

  /**
   * Makes the first keystream, keys the authenticator with block 0, and returns how many bytes of
   * keystream there are.
   */
  private int start(SecretKey key, long counter) {
    ChaCha20Poly1305.initialize(state, key, counter);
    int available = HotSpotIntrinsics.chaCha20Blocks(state, keystream);
    authenticator.start(keystream, 0);
    return available;
  }

  /**
   * Encrypts or decrypts the packet with the blocks from 1 on, of which {@code available - 64}
   * bytes lie ready.
   */
  private void applyKeystream(int bytes, int available) {
    int blocks = available / BLOCK_BYTES;
    int done = Math.min(bytes, available - BLOCK_BYTES);
    xor(data, 0, keystream, BLOCK_BYTES, done);
    while (done < bytes) {
      state[ChaCha20Poly1305.BLOCK_COUNTER_WORD] = blocks;
      int fresh = HotSpotIntrinsics.chaCha20Blocks(state, keystream);
      int length = Math.min(bytes - done, fresh);
      xor(data, done, keystream, 0, length);
      done += length;
      blocks += fresh / BLOCK_BYTES;
    }
  }

  /** Puts padding and lengths behind the ciphertext and leaves its tag in {@link #tag}. */
  private void authenticate(int bytes) {
    int padded = ChaCha20Poly1305.roundUp(bytes);
    Arrays.fill(data, bytes, padded, (byte) 0);
    LONG.set(data, padded, 0L);
    LONG.set(data, padded + Long.BYTES, (long) bytes);
    HotSpotIntrinsics.poly1305Blocks(poly, data, 0, padded + Poly1305.BLOCK_BYTES, accumulator, r);
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

  /**
   * Takes key words and the one-time key off the heap; keystream that only gives away its own
   * packet stays until the next.
   */
  private void wipe() {
    Arrays.fill(state, 0);
    Arrays.fill(keystream, 0, BLOCK_BYTES, (byte) 0);
    authenticator.wipe();
  }

  /** A plain loop over bytes, which the compiler turns into vector code. */
  private static void xor(
      byte[] target, int targetOffset, byte[] mask, int maskOffset, int length) {
    for (int i = 0; i < length; i++) {
      target[targetOffset + i] ^= mask[maskOffset + i];
    }
  }
}
