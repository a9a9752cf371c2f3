package cloud.runbeam.wgagent.engine.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The Poly1305 one-time authenticator (RFC 8439 section 2.5) over whole blocks of 16 bytes, which
 * is all that AEAD constructions need.
 *
 * <p>Numbers below 2^130 are five limbs of 26 bits, least significant first, in the order that the
 * JDK's intrinsic works on, so that one object serves {@link IntrinsicAead} and the portable code.
 * Not thread-safe.
 */
final class Poly1305 {
  static final int BLOCK_BYTES = 16;
  static final int LIMBS = 5;

  private static final int LIMB_BITS = 26;
  private static final long LIMB_MASK = (1L << LIMB_BITS) - 1;

  /** The bit above each full block of 128 bits, as it stands in the last limb. */
  private static final long BLOCK_END = 1L << (128 - 4 * LIMB_BITS);

  /** Bits of r that must be zero, section 2.5.1. */
  private static final long R_MASK_LOW = 0x0FFF_FFFC_0FFF_FFFFL;

  private static final long R_MASK_HIGH = 0x0FFF_FFFC_0FFF_FFFCL;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long[] accumulator;
  private final long[] r;
  private long sLow;
  private long sHigh;

  /** With limbs of its own. */
  Poly1305() {
    this(new long[LIMBS], new long[LIMBS]);
  }

  /** With limbs that somebody else reads and writes too. */
  Poly1305(long[] accumulator, long[] r) {
    if (accumulator.length != LIMBS || r.length != LIMBS) {
      throw new IllegalArgumentException(accumulator.length + " and " + r.length + " limbs");
    }
    this.accumulator = accumulator;
    this.r = r;
  }

  /** Starts a message with the 32-byte one-time key at {@code key[offset]}. */
  void start(byte[] key, int offset) {
    split(
        (long) WORD.get(key, offset) & R_MASK_LOW,
        (long) WORD.get(key, offset + 8) & R_MASK_HIGH,
        r);
    sLow = (long) WORD.get(key, offset + 16);
    sHigh = (long) WORD.get(key, offset + 24);
    Arrays.fill(accumulator, 0);
  }

  /**
   * For each block: {@code accumulator := (accumulator + block + 2^128) * r mod 2^130 - 5}; {@code
   * length} is a multiple of 16.
   */
  void update(byte[] input, int offset, int length) {
    long r0 = r[0];
    long r1 = r[1];
    long r2 = r[2];
    long r3 = r[3];
    long r4 = r[4];
    long h0 = accumulator[0];
    long h1 = accumulator[1];
    long h2 = accumulator[2];
    long h3 = accumulator[3];
    long h4 = accumulator[4];
    for (int i = offset; i < offset + length; i += BLOCK_BYTES) {
      long low = (long) WORD.get(input, i);
      long high = (long) WORD.get(input, i + 8);
      h0 += low & LIMB_MASK;
      h1 += (low >>> 26) & LIMB_MASK;
      h2 += ((low >>> 52) | (high << 12)) & LIMB_MASK;
      h3 += (high >>> 14) & LIMB_MASK;
      h4 += (high >>> 40) | BLOCK_END;

      // Schoolbook product; what exceeds 2^130 comes back times 5. No sum exceeds 5 * 5 * 2^27 *
      // 2^26.
      long p0 = h0 * r0 + 5 * (h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1);
      long p1 = h0 * r1 + h1 * r0 + 5 * (h2 * r4 + h3 * r3 + h4 * r2);
      long p2 = h0 * r2 + h1 * r1 + h2 * r0 + 5 * (h3 * r4 + h4 * r3);
      long p3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + 5 * (h4 * r4);
      long p4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;

      p1 += p0 >>> LIMB_BITS;
      p2 += p1 >>> LIMB_BITS;
      p3 += p2 >>> LIMB_BITS;
      p4 += p3 >>> LIMB_BITS;
      h0 = (p0 & LIMB_MASK) + 5 * (p4 >>> LIMB_BITS);
      h1 = (p1 & LIMB_MASK) + (h0 >>> LIMB_BITS);
      h0 &= LIMB_MASK;
      h2 = p2 & LIMB_MASK;
      h3 = p3 & LIMB_MASK;
      h4 = p4 & LIMB_MASK;
    }
    accumulator[0] = h0;
    accumulator[1] = h1;
    accumulator[2] = h2;
    accumulator[3] = h3;
    accumulator[4] = h4;
  }

  /**
   * Writes the tag, {@code (accumulator mod 2^130 - 5) + s mod 2^128}, to {@code tag[offset]}, and
   * wipes everything.
   */
  void finish(byte[] tag, int offset) {
    reduce();
    long low = accumulator[0] | (accumulator[1] << 26) | (accumulator[2] << 52);
    long high = (accumulator[2] >>> 12) | (accumulator[3] << 14) | (accumulator[4] << 40);
    long tagLow = low + sLow;
    long carry = Long.compareUnsigned(tagLow, low) < 0 ? 1 : 0;
    WORD.set(tag, offset, tagLow);
    WORD.set(tag, offset + 8, high + sHigh + carry);
    wipe();
  }

  /** Forgets the key and the sum. */
  void wipe() {
    Arrays.fill(accumulator, 0);
    Arrays.fill(r, 0);
    sLow = 0;
    sHigh = 0;
  }

  /**
   * Brings the accumulator to its one value below 2^130 - 5; the JDK's code leaves limbs that may
   * be negative or a little too large.
   */
  private void reduce() {
    for (int pass = 0; pass < 3; pass++) {
      long carry = 0;
      for (int i = 0; i < LIMBS; i++) {
        long limb = accumulator[i] + carry;
        accumulator[i] = limb & LIMB_MASK;
        carry = limb >> LIMB_BITS;
      }
      accumulator[0] += 5 * carry;
    }
    // If adding 5 reaches 2^130, the number was at least the modulus, and the sum without its top
    // bit is the remainder.
    long carry = 5;
    for (int i = 0; i < LIMBS; i++) {
      carry = (accumulator[i] + carry) >> LIMB_BITS;
    }
    long remainderMask = -carry;
    long add = 5 & remainderMask;
    for (int i = 0; i < LIMBS; i++) {
      long limb = accumulator[i] + add;
      accumulator[i] = limb & LIMB_MASK;
      add = limb >> LIMB_BITS;
    }
  }

  private static void split(long low, long high, long[] limbs) {
    limbs[0] = low & LIMB_MASK;
    limbs[1] = (low >>> 26) & LIMB_MASK;
    limbs[2] = ((low >>> 52) | (high << 12)) & LIMB_MASK;
    limbs[3] = (high >>> 14) & LIMB_MASK;
    limbs[4] = high >>> 40;
  }
}
