package cloud.runbeam.wgagent.engine.cookie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.testkit.ScriptedEntropy;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandshakeRateLimiterTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long START_NS = Long.MAX_VALUE - 100 * MS;

  private final HandshakeRateLimiter limiter =
      new HandshakeRateLimiter(1_024, new ScriptedEntropy(7));

  @Test
  void allowsABurstOfFiveThenTwentyASecond() {
    Endpoint source = Endpoint.ipv4(0x0A000001, 1_000);
    for (int i = 0; i < 5; i++) {
      assertThat(limiter.allow(source, START_NS)).as("message %d", i).isTrue();
    }
    assertThat(limiter.allow(source, START_NS)).isFalse();
    assertThat(limiter.allow(source, START_NS + 50 * MS - 1)).isFalse();
    assertThat(limiter.allow(source, START_NS + 50 * MS)).isTrue();
    assertThat(limiter.allow(source, START_NS + 50 * MS)).isFalse();

    int allowed = 0;
    for (long at = 1_000; at < 11_000; at++) {
      allowed += limiter.allow(source, START_NS + at * MS) ? 1 : 0;
    }
    assertThat(allowed).isBetween(200, 205);
  }

  @Test
  void refusedMessagesCostNothing() {
    Endpoint source = Endpoint.ipv4(0x0A000001, 1_000);
    for (int i = 0; i < 1_000; i++) {
      limiter.allow(source, START_NS);
    }
    assertThat(limiter.allow(source, START_NS + 50 * MS)).isTrue();
  }

  @Test
  void tellsIpv4AddressesApartAndIpv6NetworksButNoPorts() {
    exhaust(Endpoint.ipv4(0x0A000001, 1_000));
    assertThat(limiter.allow(Endpoint.ipv4(0x0A000001, 2_000), START_NS)).isFalse();
    assertThat(limiter.allow(Endpoint.ipv4(0x0A000002, 1_000), START_NS)).isTrue();

    exhaust(Endpoint.ipv6(0x20010DB8_00000001L, 1, 1_000, 0));
    assertThat(limiter.allow(Endpoint.ipv6(0x20010DB8_00000001L, -1, 9, 0), START_NS)).isFalse();
    assertThat(limiter.allow(Endpoint.ipv6(0x20010DB8_00000002L, 1, 1_000, 0), START_NS)).isTrue();
  }

  @Test
  void aFloodFromManySourcesTakesNoMoreMemoryAndPassesWhenItEnds() {
    int allowed = 0;
    for (int i = 0; i < 100_000; i++) {
      allowed += limiter.allow(Endpoint.ipv4(i, 1), START_NS) ? 1 : 0;
    }
    assertThat(allowed).isEqualTo(1_024);
    Endpoint victim = Endpoint.ipv4(0x7FFFFFFF, 1);
    assertThat(limiter.allow(victim, START_NS)).isFalse();
    assertThat(limiter.allow(victim, START_NS + 50 * MS)).isTrue();
  }

  @Test
  void agreesWithABucketPerSourceWhileThereIsRoom() {
    long seed = 20;
    Random random = new Random(seed);
    HandshakeRateLimiter roomy = new HandshakeRateLimiter(65_536, new ScriptedEntropy(seed));
    Map<Integer, Bucket> buckets = new HashMap<>();
    long nowNs = 0;
    for (int i = 0; i < 50_000; i++) {
      nowNs += random.nextInt(4) * MS;
      int address = random.nextInt(40);
      boolean expected = buckets.computeIfAbsent(address, _ -> new Bucket()).take(nowNs);
      assertThat(roomy.allow(Endpoint.ipv4(address, 1), nowNs))
          .as("seed %d, message %d", seed, i)
          .isEqualTo(expected);
    }
  }

  @Test
  void refusesCapacitiesThatItCannotSpread() {
    for (int capacity : new int[] {0, 4, 9, 1_000, -8, Integer.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new HandshakeRateLimiter(capacity, new ScriptedEntropy(1)));
    }
  }

  @Test
  void hashesAsTheSipHashPaperDoes() {
    // The reference implementation's vectors: key 00..0f, message 00..0f.
    assertThat(
            SipHash.hash(
                0x0706050403020100L, 0x0F0E0D0C0B0A0908L, 0x0706050403020100L, 0x0F0E0D0C0B0A0908L))
        .isEqualTo(0x3F2ACC7F57C29BDBL);
  }

  private void exhaust(Endpoint source) {
    for (int i = 0; i < 5; i++) {
      assertThat(limiter.allow(source, START_NS)).isTrue();
    }
    assertThat(limiter.allow(source, START_NS)).isFalse();
  }

  /** The obvious token bucket, in nanoseconds of credit. */
  private static final class Bucket {
    private long credit = 250 * MS;
    private long lastNs;

    boolean take(long nowNs) {
      credit = Math.min(250 * MS, credit + nowNs - lastNs);
      lastNs = nowNs;
      if (credit < 50 * MS) {
        return false;
      }
      credit -= 50 * MS;
      return true;
    }
  }
}
