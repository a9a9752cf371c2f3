package cloud.runbeam.wgagent.engine.crypto;

import java.util.Arrays;

/**
 * Arithmetic modulo p = 2^255 - 19, the field of Curve25519 (RFC 7748 section 4.1).
 *
 * <pre>
 *   number: | limb 0: 51 bits | limb 1 | limb 2 | limb 3 | limb 4 |      value: sum of limb i * 2^(51 i)
 * </pre>
 *
 * <p>"Carried" limbs are below 2^51 + 2^13; {@link #multiply}, {@link #square} and {@link
 * #multiplyBySmall} leave them so. {@link #add} and {@link #subtract} do not carry: their results
 * have limbs below 2^53, which the three others accept, and must not be added or subtracted again.
 * Bits of a product above 2^255 come back times 19, because 2^255 = 19 modulo p.
 *
 * <p>No branch and no index depends on a value: time tells nothing.
 */
final class Field25519 {
  /** Limbs in a number. */
  static final int LIMBS = 5;

  private static final int LIMB_BITS = 51;
  private static final long MASK = (1L << LIMB_BITS) - 1;

  /** Bits of a product above a limb: the rest of the lower word and all of the upper one. */
  private static final int UPPER_SHIFT = Long.SIZE - LIMB_BITS;

  /** 2 p in limbs: added before a subtraction, so that no limb becomes negative. */
  private static final long TWICE_P_FIRST = 2 * (MASK - 18);

  private static final long TWICE_P_OTHERS = 2 * MASK;

  private Field25519() {}

  /** {@code out := a + b}, both carried. */
  static void add(long[] a, long[] b, long[] out) {
    for (int i = 0; i < LIMBS; i++) {
      out[i] = a[i] + b[i];
    }
  }

  /** {@code out := a - b}, both carried. */
  static void subtract(long[] a, long[] b, long[] out) {
    out[0] = a[0] + TWICE_P_FIRST - b[0];
    for (int i = 1; i < LIMBS; i++) {
      out[i] = a[i] + TWICE_P_OTHERS - b[i];
    }
  }

  /** {@code out := a * b}; the three may be the same. */
  static void multiply(long[] a, long[] b, long[] out) {
    long a0 = a[0];
    long a1 = a[1];
    long a2 = a[2];
    long a3 = a[3];
    long a4 = a[4];
    long b0 = b[0];
    long b1 = b[1];
    long b2 = b[2];
    long b3 = b[3];
    long b4 = b[4];
    long b1Times19 = 19 * b1;
    long b2Times19 = 19 * b2;
    long b3Times19 = 19 * b3;
    long b4Times19 = 19 * b4;
    long low0 =
        low(a0, b0)
            + low(a1, b4Times19)
            + low(a2, b3Times19)
            + low(a3, b2Times19)
            + low(a4, b1Times19);
    long high0 =
        high(a0, b0)
            + high(a1, b4Times19)
            + high(a2, b3Times19)
            + high(a3, b2Times19)
            + high(a4, b1Times19);
    long low1 =
        low(a0, b1) + low(a1, b0) + low(a2, b4Times19) + low(a3, b3Times19) + low(a4, b2Times19);
    long high1 =
        high(a0, b1)
            + high(a1, b0)
            + high(a2, b4Times19)
            + high(a3, b3Times19)
            + high(a4, b2Times19);
    long low2 = low(a0, b2) + low(a1, b1) + low(a2, b0) + low(a3, b4Times19) + low(a4, b3Times19);
    long high2 =
        high(a0, b2) + high(a1, b1) + high(a2, b0) + high(a3, b4Times19) + high(a4, b3Times19);
    long low3 = low(a0, b3) + low(a1, b2) + low(a2, b1) + low(a3, b0) + low(a4, b4Times19);
    long high3 = high(a0, b3) + high(a1, b2) + high(a2, b1) + high(a3, b0) + high(a4, b4Times19);
    long low4 = low(a0, b4) + low(a1, b3) + low(a2, b2) + low(a3, b1) + low(a4, b0);
    long high4 = high(a0, b4) + high(a1, b3) + high(a2, b2) + high(a3, b1) + high(a4, b0);
    carry(low0 + 19 * high4, low1 + high0, low2 + high1, low3 + high2, low4 + high3, out);
  }

  /** {@code out := a * a}; both may be the same. */
  static void square(long[] a, long[] out) {
    long a0 = a[0];
    long a1 = a[1];
    long a2 = a[2];
    long a3 = a[3];
    long a4 = a[4];
    long a0Twice = 2 * a0;
    long a1Twice = 2 * a1;
    long a3Times19 = 19 * a3;
    long a4Times19 = 19 * a4;
    long a3Times38 = 38 * a3;
    long a4Times38 = 38 * a4;
    long low0 = low(a0, a0) + low(a1, a4Times38) + low(a2, a3Times38);
    long high0 = high(a0, a0) + high(a1, a4Times38) + high(a2, a3Times38);
    long low1 = low(a0Twice, a1) + low(a2, a4Times38) + low(a3, a3Times19);
    long high1 = high(a0Twice, a1) + high(a2, a4Times38) + high(a3, a3Times19);
    long low2 = low(a0Twice, a2) + low(a1, a1) + low(a3, a4Times38);
    long high2 = high(a0Twice, a2) + high(a1, a1) + high(a3, a4Times38);
    long low3 = low(a0Twice, a3) + low(a1Twice, a2) + low(a4, a4Times19);
    long high3 = high(a0Twice, a3) + high(a1Twice, a2) + high(a4, a4Times19);
    long low4 = low(a0Twice, a4) + low(a1Twice, a3) + low(a2, a2);
    long high4 = high(a0Twice, a4) + high(a1Twice, a3) + high(a2, a2);
    carry(low0 + 19 * high4, low1 + high0, low2 + high1, low3 + high2, low4 + high3, out);
  }

  /** {@code out := a^(2^times)}, {@code times} at least 1. */
  static void squareTimes(long[] a, int times, long[] out) {
    square(a, out);
    for (int i = 1; i < times; i++) {
      square(out, out);
    }
  }

  /** {@code out := a * small}, {@code small} below 2^17. */
  static void multiplyBySmall(long[] a, long small, long[] out) {
    carry(
        low(a[0], small) + 19 * high(a[4], small),
        low(a[1], small) + high(a[0], small),
        low(a[2], small) + high(a[1], small),
        low(a[3], small) + high(a[2], small),
        low(a[4], small) + high(a[3], small),
        out);
  }

  /** Exchanges the two numbers if {@code bit} is 1, leaves them if it is 0. */
  static void swap(long bit, long[] a, long[] b) {
    long all = -bit;
    for (int i = 0; i < LIMBS; i++) {
      long difference = all & (a[i] ^ b[i]);
      a[i] ^= difference;
      b[i] ^= difference;
    }
  }

  /**
   * {@code out := a^(p - 2)}, which is 1/a, and 0 for 0. Powers are named by their exponents: x10
   * is a^(2^10 - 1).
   */
  static void invert(long[] a, long[] out) {
    long[] a2 = new long[LIMBS];
    long[] a9 = new long[LIMBS];
    long[] a11 = new long[LIMBS];
    long[] x5 = new long[LIMBS];
    long[] x10 = new long[LIMBS];
    long[] x50 = new long[LIMBS];
    long[] power = new long[LIMBS];
    square(a, a2);
    squareTimes(a2, 2, power);
    multiply(power, a, a9);
    multiply(a9, a2, a11);
    square(a11, power);
    multiply(power, a9, x5);
    squareTimes(x5, 5, power);
    multiply(power, x5, x10);
    squareTimes(x10, 10, power);
    multiply(power, x10, power); // x20
    long[] x20 = power.clone();
    squareTimes(power, 20, power);
    multiply(power, x20, power); // x40
    squareTimes(power, 10, power);
    multiply(power, x10, x50);
    squareTimes(x50, 50, power);
    multiply(power, x50, power); // x100
    long[] x100 = power.clone();
    squareTimes(power, 100, power);
    multiply(power, x100, power); // x200
    squareTimes(power, 50, power);
    multiply(power, x50, power); // x250
    squareTimes(power, 5, power);
    multiply(power, a11, out); // 2^255 - 32 + 11
    for (long[] used : new long[][] {a2, a9, a11, x5, x10, x20, x50, x100, power}) {
      Arrays.fill(used, 0);
    }
  }

  /** The number that 32 little-endian bytes, here as four words, stand for; bit 255 is ignored. */
  static void decode(long word0, long word1, long word2, long word3, long[] out) {
    out[0] = word0 & MASK;
    out[1] = (word0 >>> 51 | word1 << 13) & MASK;
    out[2] = (word1 >>> 38 | word2 << 26) & MASK;
    out[3] = (word2 >>> 25 | word3 << 39) & MASK;
    out[4] = (word3 >>> 12) & MASK;
  }

  /** Makes a carried number the only one below p that it is equal to, so that it can be written. */
  static void reduce(long[] a) {
    carry(a[0], a[1], a[2], a[3], a[4], a);
    // 1 if the number is p or more: then adding 19 carries out of bit 255.
    long over = (a[0] + 19) >>> LIMB_BITS;
    for (int i = 1; i < LIMBS; i++) {
      over = (a[i] + over) >>> LIMB_BITS;
    }
    a[0] += 19 * over;
    for (int i = 0; i < LIMBS - 1; i++) {
      a[i + 1] += a[i] >>> LIMB_BITS;
      a[i] &= MASK;
    }
    a[LIMBS - 1] &= MASK;
  }

  /** Word {@code index} of the four that a reduced number is written as. */
  static long word(long[] a, int index) {
    return switch (index) {
      case 0 -> a[0] | a[1] << 51;
      case 1 -> a[1] >>> 13 | a[2] << 38;
      case 2 -> a[2] >>> 26 | a[3] << 25;
      default -> a[3] >>> 39 | a[4] << 12;
    };
  }

  /** What of a product belongs into its own limb. */
  private static long low(long a, long b) {
    return (a * b) & MASK;
  }

  /** What of a product belongs into the next limb. */
  private static long high(long a, long b) {
    return Math.multiplyHigh(a, b) << UPPER_SHIFT | (a * b) >>> LIMB_BITS;
  }

  private static void carry(long r0, long r1, long r2, long r3, long r4, long[] out) {
    long s1 = r1 + (r0 >>> LIMB_BITS);
    long s2 = r2 + (s1 >>> LIMB_BITS);
    long s3 = r3 + (s2 >>> LIMB_BITS);
    long s4 = r4 + (s3 >>> LIMB_BITS);
    long s0 = (r0 & MASK) + 19 * (s4 >>> LIMB_BITS);
    out[0] = s0 & MASK;
    out[1] = (s1 & MASK) + (s0 >>> LIMB_BITS);
    out[2] = s2 & MASK;
    out[3] = s3 & MASK;
    out[4] = s4 & MASK;
  }
}
