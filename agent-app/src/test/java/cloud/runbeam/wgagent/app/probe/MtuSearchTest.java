package cloud.runbeam.wgagent.app.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MtuSearchTest {
  private static final long TEN_MINUTES_NS = 600_000_000_000L;

  private long nowNs = 1;

  /** Tries until it settles over a path that carries {@code limit} bytes; the trials it took. */
  private int settle(MtuSearch search, int interfaceMtu, int limit) {
    int trials = 0;
    for (OptionalInt length = search.next(interfaceMtu, nowNs);
        length.isPresent();
        length = search.next(interfaceMtu, nowNs)) {
      assertThat(++trials).as("trials").isLessThan(60);
      search.tried(length.getAsInt() <= limit, nowNs);
    }
    return trials;
  }

  @Test
  void isContentAtOnceWithAPathThatCarriesAll() {
    MtuSearch search = new MtuSearch(false);
    assertThat(settle(search, 1_420, 1_420)).isEqualTo(1);
    assertThat(search.found()).hasValue(1_420);
    assertThat(search.isBlackHole()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"false, 1420, 1300", "false, 8920, 1420", "true, 1420, 1280", "false, 1420, 576"})
  void findsWhatPassesToSixteenBytes(boolean ipv6, int interfaceMtu, int limit) {
    MtuSearch search = new MtuSearch(ipv6);
    assertThat(settle(search, interfaceMtu, limit)).isLessThan(45);
    assertThat(search.isBlackHole()).isTrue();
    assertThat(search.found().orElse(0)).isLessThanOrEqualTo(limit).isGreaterThan(limit - 16);
  }

  @Test
  void findsAnyLimit() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      int interfaceMtu = 1_281 + random.nextInt(8_000);
      int limit = 1_280 + random.nextInt(interfaceMtu - 1_280);
      MtuSearch search = new MtuSearch(random.nextBoolean());
      settle(search, interfaceMtu, limit);
      assertThat(search.found().orElse(0))
          .as("seed %s: %s of %s", seed, limit, interfaceMtu)
          .isBetween(limit - 16, limit);
    }
  }

  @Test
  void takesOneLossForBadLuck() {
    MtuSearch search = new MtuSearch(false);
    assertThat(search.next(1_420, nowNs)).hasValue(1_420);
    search.tried(false, nowNs);
    search.tried(false, nowNs);
    assertThat(search.next(1_420, nowNs)).hasValue(1_420);
    search.tried(true, nowNs);
    assertThat(search.found()).hasValue(1_420);
  }

  @Test
  void blamesNoLengthWhenNothingPasses() {
    MtuSearch search = new MtuSearch(true);
    settle(search, 1_420, 100);
    assertThat(search.found()).isEmpty();
    assertThat(search.isBlackHole()).isFalse();
  }

  @Test
  void looksAgainAfterTenMinutesAndNoticesThatThePathIsWhole() {
    MtuSearch search = new MtuSearch(false);
    settle(search, 1_420, 1_300);
    nowNs += TEN_MINUTES_NS - 1;
    assertThat(search.next(1_420, nowNs)).isEmpty();
    nowNs++;
    assertThat(search.next(1_420, nowNs)).hasValue(1_420);
    assertThat(search.isBlackHole()).as("until it is known").isTrue();
    search.tried(true, nowNs);
    assertThat(search.isBlackHole()).isFalse();
  }

  @Test
  void startsAnewWhenTheInterfacesMtuChanges() {
    MtuSearch search = new MtuSearch(false);
    settle(search, 1_420, 1_420);
    assertThat(search.next(1_380, nowNs)).hasValue(1_380);
  }
}
