package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.routing.AllowedIps;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Cryptokey routing with 130,000 prefixes of one family among 10,000 peers: addresses at random,
 * each within one of the prefixes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AllowedIpsBenchmark {
  private static final int PREFIXES = 130_000;
  private static final int PEERS = 10_000;

  /** Addresses that are looked up in turn; a power of two. */
  private static final int ADDRESSES = 1 << 14;

  private final int[] ipv4 = new int[ADDRESSES];
  private final long[] ipv6High = new long[ADDRESSES];
  private final long[] ipv6Low = new long[ADDRESSES];
  private AllowedIps<Integer> ipv4Table = AllowedIps.empty();
  private AllowedIps<Integer> ipv6Table = AllowedIps.empty();
  private int next;

  /** Fills the tables. */
  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(42);
    AllowedIps.Builder<Integer> ipv4Builder = AllowedIps.<Integer>empty().toBuilder();
    AllowedIps.Builder<Integer> ipv6Builder = AllowedIps.<Integer>empty().toBuilder();
    for (int i = 0; i < PREFIXES; i++) {
      int address = random.nextInt();
      long high = 0xFD00_0000_0000_0000L | random.nextLong() >>> 8;
      ipv4Builder.put(IpPrefix.ipv4(address, random.nextInt(16, 33)), i % PEERS);
      ipv6Builder.put(new IpPrefix(true, high, 0, random.nextInt(32, 65)), i % PEERS);
      // The last prefixes stand for all: they are spread as the others are.
      ipv4[i % ADDRESSES] = address;
      ipv6High[i % ADDRESSES] = high;
      ipv6Low[i % ADDRESSES] = random.nextLong();
    }
    ipv4Table = ipv4Builder.build();
    ipv6Table = ipv6Builder.build();
  }

  /** Longest match for an IPv4 address. */
  @Benchmark
  public @Nullable Integer ipv4() {
    int i = next++ & (ADDRESSES - 1);
    return ipv4Table.lookupIpv4(ipv4[i]);
  }

  /** Longest match for an IPv6 address. */
  @Benchmark
  public @Nullable Integer ipv6() {
    int i = next++ & (ADDRESSES - 1);
    return ipv6Table.lookupIpv6(ipv6High[i], ipv6Low[i]);
  }
}
