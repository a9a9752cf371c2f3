package cloud.runbeam.wgagent.engine.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.Seed;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Every operation against the JDK's big integers, limbs at their limits included. */
class Field25519Test {
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

  /** What a carried limb may be at most. */
  private static final long LARGEST_CARRIED = (1L << 51) + (1L << 13);

  /** What add and subtract may leave at most. */
  private static final long LARGEST_LIMB = (1L << 52) + LARGEST_CARRIED;

  private final SplittableRandom random = Seed.random("Field25519");

  @Test
  void multipliesAndSquaresWhateverAddAndSubtractLeave() {
    for (int i = 0; i < 5_000; i++) {
      long[] a = limbs(LARGEST_LIMB);
      long[] b = limbs(LARGEST_LIMB);
      long[] out = new long[Field25519.LIMBS];

      Field25519.multiply(a, b, out);
      assertThat(value(out)).isEqualTo(value(a).multiply(value(b)).mod(P));
      assertCarried(out);

      Field25519.square(a, out);
      assertThat(value(out)).isEqualTo(value(a).multiply(value(a)).mod(P));
      assertCarried(out);

      Field25519.multiplyBySmall(a, 121_665, out);
      assertThat(value(out)).isEqualTo(value(a).multiply(BigInteger.valueOf(121_665)).mod(P));
      assertCarried(out);
    }
  }

  @Test
  void addsAndSubtractsCarriedNumbers() {
    for (int i = 0; i < 5_000; i++) {
      long[] a = limbs(LARGEST_CARRIED);
      long[] b = limbs(LARGEST_CARRIED);
      long[] out = new long[Field25519.LIMBS];

      Field25519.add(a, b, out);
      assertThat(value(out)).isEqualTo(value(a).add(value(b)).mod(P));
      Field25519.subtract(a, b, out);
      assertThat(value(out)).isEqualTo(value(a).subtract(value(b)).mod(P));
      for (long limb : out) {
        assertThat(limb).isBetween(0L, LARGEST_LIMB);
      }
    }
  }

  @Test
  void invertsAllButZero() {
    for (int i = 0; i < 200; i++) {
      long[] a = limbs(1L << 51);
      long[] out = new long[Field25519.LIMBS];
      Field25519.invert(a, out);
      assertThat(value(out)).isEqualTo(value(a).modInverse(P));
    }
    long[] zero = new long[Field25519.LIMBS];
    Field25519.invert(zero, zero);
    assertThat(value(zero)).isZero();
  }

  @Test
  void writesTheOnlyNumberBelowP() {
    for (BigInteger number :
        List.of(
            BigInteger.ZERO,
            BigInteger.ONE,
            P.subtract(BigInteger.ONE),
            P,
            P.add(BigInteger.ONE),
            P.add(BigInteger.valueOf(18)),
            BigInteger.TWO.pow(254))) {
      long[] limbs = new long[Field25519.LIMBS];
      Field25519.decode(
          number.longValue(),
          number.shiftRight(64).longValue(),
          number.shiftRight(128).longValue(),
          number.shiftRight(192).longValue(),
          limbs);
      assertThat(value(limbs)).isEqualTo(number.mod(P));
      Field25519.reduce(limbs);
      BigInteger written = BigInteger.ZERO;
      for (int i = 3; i >= 0; i--) {
        written = written.shiftLeft(64).add(unsigned(Field25519.word(limbs, i)));
      }
      assertThat(written).isEqualTo(number.mod(P));
    }
  }

  @Test
  void ignoresBit255() {
    long[] with = new long[Field25519.LIMBS];
    long[] without = new long[Field25519.LIMBS];
    Field25519.decode(1, 2, 3, Long.MIN_VALUE | 4, with);
    Field25519.decode(1, 2, 3, 4, without);
    assertThat(with).isEqualTo(without);
  }

  @Test
  void swapsWhenToldTo() {
    long[] a = limbs(1L << 51);
    long[] b = limbs(1L << 51);
    long[] formerA = a.clone();
    long[] formerB = b.clone();
    Field25519.swap(0, a, b);
    assertThat(a).isEqualTo(formerA);
    Field25519.swap(1, a, b);
    assertThat(a).isEqualTo(formerB);
    assertThat(b).isEqualTo(formerA);
  }

  /** Limbs up to {@code largest}, the limits more often than chance would have them. */
  private long[] limbs(long largest) {
    long[] limbs = new long[Field25519.LIMBS];
    for (int i = 0; i < limbs.length; i++) {
      limbs[i] =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> largest;
            default -> random.nextLong(largest + 1);
          };
    }
    return limbs;
  }

  private static void assertCarried(long[] limbs) {
    for (long limb : limbs) {
      assertThat(limb).isBetween(0L, LARGEST_CARRIED);
    }
  }

  private static BigInteger value(long[] limbs) {
    BigInteger value = BigInteger.ZERO;
    for (int i = limbs.length - 1; i >= 0; i--) {
      value = value.shiftLeft(51).add(BigInteger.valueOf(limbs[i]));
    }
    return value.mod(P);
  }

  private static BigInteger unsigned(long word) {
    return new BigInteger(Long.toUnsignedString(word));
  }
}
