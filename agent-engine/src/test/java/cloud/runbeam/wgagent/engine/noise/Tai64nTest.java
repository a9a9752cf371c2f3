package cloud.runbeam.wgagent.engine.noise;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Tai64nTest {
  @Test
  void writesTheExampleOfTheTai64Specification() {
    // cr.yp.to/libtai/tai64.html: 1992-06-02 08:07:09 TAI is 40 00 00 00 2a 2b 2c 2d. Whether that
    // was 08:06:43 or, as here,
    // 08:06:59 UTC is a matter of leap seconds, which this clock leaves out.
    Tai64n label = Tai64n.of(Instant.parse("1992-06-02T08:06:59Z"));
    byte[] bytes = new byte[14];
    label.write(MemorySegment.ofArray(bytes), 1);
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo("00" + "400000002a2b2c2d" + "00000000" + "00");
    assertThat(Tai64n.read(MemorySegment.ofArray(bytes), 1)).isEqualTo(label);
  }

  @Test
  void tellsNothingFinerThanSeventeenMilliseconds() {
    Instant second = Instant.ofEpochSecond(1_800_000_000);
    assertThat(Tai64n.of(second.plusNanos((1 << 24) - 1))).isEqualTo(Tai64n.of(second));
    assertThat(Tai64n.of(second.plusNanos(1 << 24)).nanoseconds()).isEqualTo(1 << 24);
    for (int i = 0; i < 1_000; i++) {
      Tai64n label = Tai64n.of(second.plusNanos(i * 999_999L));
      assertThat(label.nanoseconds() & 0xFFFFFF).isZero();
      assertThat(label.nanoseconds()).isBetween(0, 999_999_999);
    }
  }

  @Test
  void comparesAsItsBytesDo() {
    long seed = 64;
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] one = new byte[12];
      random.nextBytes(one);
      byte[] other = one.clone();
      other[random.nextInt(12)] ^= (byte) random.nextInt();
      Tai64n left = Tai64n.read(MemorySegment.ofArray(one), 0);
      Tai64n right = Tai64n.read(MemorySegment.ofArray(other), 0);
      assertThat(Integer.signum(left.compareTo(right)))
          .as("seed %d, round %d", seed, i)
          .isEqualTo(Integer.signum(Arrays.compareUnsigned(one, other)));
      assertThat(left.isAfter(right)).isEqualTo(Arrays.compareUnsigned(one, other) > 0);
    }
  }

  @Test
  void growsThoughTheClockGoesBack() {
    Tai64n last = Tai64n.of(Instant.ofEpochSecond(1_800_000_000, 950_000_000));
    Tai64n before = Tai64n.of(Instant.ofEpochSecond(1_000_000_000));
    Tai64n label = before;
    for (int i = 0; i < 200; i++) {
      label = before.orAfter(last);
      assertThat(label.isAfter(last)).isTrue();
      assertThat(label.nanoseconds()).isBetween(0, 999_999_999);
      last = label;
    }
    assertThat(label.seconds() - before.seconds()).as("steps are small").isLessThan(800_000_010);
    Tai64n later = Tai64n.of(Instant.ofEpochSecond(1_900_000_000));
    assertThat(later.orAfter(last)).isEqualTo(later);
    assertThat(later.orAfter(later).isAfter(later)).isTrue();
    Tai64n wild = new Tai64n(last.seconds(), -1);
    assertThat(before.orAfter(wild).isAfter(wild)).isTrue();
  }
}
