package cloud.runbeam.wgagent.engine.crypto;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * X25519 (RFC 7748 section 5), {@code DH} and {@code DH-GENERATE} of the WireGuard paper, section
 * 5.4. Any thread.
 *
 * <p>The private key is read bit by bit from where it lies, and the shared secret is written to
 * where it will lie: neither ever has a copy on the heap. Libraries leave one behind for the
 * collector, which is why this does not use one. The numbers in between are wiped before return.
 */
public final class X25519 {
  /** RFC 7748 section 5: a24 = (486662 - 2) / 4. */
  private static final long A24 = 121_665;

  private static final long BASE_POINT = 9;

  /** RFC 7748 section 5, decodeScalar25519: bits 0 to 2 are clear, bit 255 too, bit 254 is set. */
  private static final int HIGHEST_BIT = 254;

  private static final int LOWEST_BIT = 3;

  private X25519() {}

  /**
   * {@code shared := DH(privateKey, publicKey)}.
   *
   * @param shared receives the shared secret, or zeros when it is refused; may be the same as
   *     {@code privateKey}
   * @return false if the shared secret is all zero because {@code publicKey} is a point of low
   *     order (RFC 7748 section 6.1)
   */
  public static boolean agree(SecretKey privateKey, PublicKey publicKey, SecretKey shared) {
    MemorySegment point = MemorySegment.ofArray(publicKey.toBytes());
    long[] u = new long[Field25519.LIMBS];
    Field25519.decode(
        point.get(ChaCha20Poly1305.LONG, 0),
        point.get(ChaCha20Poly1305.LONG, 8),
        point.get(ChaCha20Poly1305.LONG, 16),
        point.get(ChaCha20Poly1305.LONG, 24),
        u);
    return multiply(privateKey.bytes(), u, shared.bytes());
  }

  /** The public key of {@code privateKey}. */
  public static PublicKey publicKey(SecretKey privateKey) {
    long[] base = new long[Field25519.LIMBS];
    base[0] = BASE_POINT;
    byte[] result = new byte[PublicKey.BYTES];
    multiply(privateKey.bytes(), base, MemorySegment.ofArray(result));
    return PublicKey.fromBytes(result);
  }

  /** A fresh private key, clamped; the caller closes it. */
  public static SecretKey generate(KeyArena arena, EntropySource entropy) {
    SecretKey key = arena.allocate();
    boolean filled = false;
    try {
      entropy.fill(key.bytes());
      filled = true;
    } finally {
      if (!filled) {
        key.close();
      }
    }
    key.clamp();
    return key;
  }

  /**
   * The Montgomery ladder of RFC 7748 section 5, in its notation: {@code out := k * u}.
   *
   * @return whether the product is not zero
   */
  private static boolean multiply(MemorySegment k, long[] u, MemorySegment out) {
    long[] x2 = {1, 0, 0, 0, 0};
    long[] z2 = new long[Field25519.LIMBS];
    long[] x3 = u.clone();
    long[] z3 = {1, 0, 0, 0, 0};
    Step step = new Step();
    long swapped = 0;
    for (int t = HIGHEST_BIT; t >= 0; t--) {
      long bit = bit(k, t);
      Field25519.swap(swapped ^ bit, x2, x3);
      Field25519.swap(swapped ^ bit, z2, z3);
      swapped = bit;
      step.take(u, x2, z2, x3, z3);
    }
    // The lowest bits are clear, so that nothing is left swapped.
    Field25519.invert(z2, z2);
    Field25519.multiply(x2, z2, x2);
    Field25519.reduce(x2);
    long any = 0;
    for (int i = 0; i < SecretKey.BYTES / Long.BYTES; i++) {
      long word = Field25519.word(x2, i);
      out.set(ChaCha20Poly1305.LONG, (long) i * Long.BYTES, word);
      any |= word;
    }
    step.wipe();
    Arrays.fill(x2, 0);
    Arrays.fill(z2, 0);
    Arrays.fill(x3, 0);
    Arrays.fill(z3, 0);
    return any != 0;
  }

  /** Bit {@code t} of the clamped key. Which are fixed is known to everybody. */
  private static long bit(MemorySegment k, int t) {
    if (t == HIGHEST_BIT) {
      return 1;
    }
    return t < LOWEST_BIT ? 0 : (k.get(ValueLayout.JAVA_BYTE, t >>> 3) >>> (t & 7)) & 1;
  }

  /** One step of the ladder, and room for its numbers. */
  private static final class Step {
    private final long[] a = new long[Field25519.LIMBS];
    private final long[] b = new long[Field25519.LIMBS];
    private final long[] c = new long[Field25519.LIMBS];
    private final long[] d = new long[Field25519.LIMBS];
    private final long[] aa = new long[Field25519.LIMBS];
    private final long[] bb = new long[Field25519.LIMBS];
    private final long[] e = new long[Field25519.LIMBS];

    void take(long[] x1, long[] x2, long[] z2, long[] x3, long[] z3) {
      Field25519.add(x2, z2, a);
      Field25519.square(a, aa);
      Field25519.subtract(x2, z2, b);
      Field25519.square(b, bb);
      Field25519.subtract(aa, bb, e);
      Field25519.add(x3, z3, c);
      Field25519.subtract(x3, z3, d);
      Field25519.multiply(d, a, d); // DA
      Field25519.multiply(c, b, c); // CB
      Field25519.add(d, c, x3);
      Field25519.square(x3, x3);
      Field25519.subtract(d, c, z3);
      Field25519.square(z3, z3);
      Field25519.multiply(x1, z3, z3);
      Field25519.multiply(aa, bb, x2);
      Field25519.multiplyBySmall(e, A24, z2);
      Field25519.add(aa, z2, z2);
      Field25519.multiply(e, z2, z2);
    }

    void wipe() {
      for (long[] number : new long[][] {a, b, c, d, aa, bb, e}) {
        Arrays.fill(number, 0);
      }
    }
  }
}
