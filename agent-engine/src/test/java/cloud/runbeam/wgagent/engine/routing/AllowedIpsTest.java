package cloud.runbeam.wgagent.engine.routing;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.Seed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AllowedIpsTest {
  @Test
  void prefersTheLongestOfNestedPrefixes() {
    AllowedIps<String> table =
        AllowedIps.<String>empty().toBuilder()
            .put(prefix("0.0.0.0/0"), "everything")
            .put(prefix("10.0.0.0/8"), "ten")
            .put(prefix("10.1.0.0/16"), "ten one")
            .put(prefix("10.1.2.0/23"), "ten one two")
            .put(prefix("10.1.2.3/32"), "host")
            .build();

    assertThat(lookup(table, "10.1.2.3")).isEqualTo("host");
    assertThat(lookup(table, "10.1.2.2")).isEqualTo("ten one two");
    assertThat(lookup(table, "10.1.3.255")).isEqualTo("ten one two");
    assertThat(lookup(table, "10.1.4.0")).isEqualTo("ten one");
    assertThat(lookup(table, "10.2.0.0")).isEqualTo("ten");
    assertThat(lookup(table, "11.0.0.0")).isEqualTo("everything");
    assertThat(lookup(table, "255.255.255.255")).isEqualTo("everything");
  }

  @Test
  void keepsFamiliesApart() {
    AllowedIps<String> table =
        AllowedIps.<String>empty().with(prefix("0.0.0.0/0"), "4").with(prefix("::/0"), "6");

    assertThat(lookup(table, "1.2.3.4")).isEqualTo("4");
    assertThat(lookup(table, "102:304::")).isEqualTo("6");
    assertThat(lookup(AllowedIps.<String>empty().with(prefix("::/0"), "6"), "1.2.3.4")).isNull();
  }

  @Test
  void findsPrefixesThatEndAroundTheMiddleOfAnIpv6Address() {
    AllowedIps.Builder<Integer> builder = AllowedIps.<Integer>empty().toBuilder();
    for (int length = 0; length <= 128; length++) {
      builder.put(new IpPrefix(true, -1L, -1L, length), length);
    }
    AllowedIps<Integer> table = builder.build();

    for (int length = 0; length < 128; length++) {
      long high = length < 64 ? ~(1L << (63 - length)) : -1L;
      long low = length < 64 ? -1L : ~(1L << (127 - length));
      assertThat(table.lookupIpv6(high, low)).as("first zero at bit %d", length).isEqualTo(length);
    }
    assertThat(table.lookupIpv6(-1L, -1L)).isEqualTo(128);
    assertThat(table.size()).isEqualTo(129);
  }

  @Test
  void ignoresHostBits() {
    AllowedIps<String> table = AllowedIps.<String>empty().with(prefix("10.1.2.3/8"), "ten");

    assertThat(lookup(table, "10.255.0.1")).isEqualTo("ten");
    assertThat(table.owner(prefix("10.9.9.9/8"))).isEqualTo("ten");
    assertThat(table.prefixesOf("ten")).containsExactly(prefix("10.0.0.0/8"));
  }

  @Test
  void leavesEarlierVersionsAsTheyWere() {
    AllowedIps<String> first = AllowedIps.<String>empty().with(prefix("10.0.0.0/8"), "a");
    AllowedIps.Builder<String> builder = first.toBuilder();
    AllowedIps<String> second = builder.put(prefix("10.0.0.0/9"), "b").build();
    AllowedIps<String> third =
        builder.put(prefix("10.0.0.0/10"), "c").remove(prefix("10.0.0.0/8")).build();

    assertThat(lookup(first, "10.0.0.1")).isEqualTo("a");
    assertThat(lookup(second, "10.0.0.1")).isEqualTo("b");
    assertThat(lookup(third, "10.0.0.1")).isEqualTo("c");
    assertThat(lookup(second, "10.128.0.1")).isEqualTo("a");
    assertThat(lookup(third, "10.128.0.1")).isNull();
    assertThat(second.prefixesOf("c")).isEmpty();
    assertThat(first.size()).isEqualTo(1);
    assertThat(second.size()).isEqualTo(2);
    assertThat(third.size()).isEqualTo(2);
  }

  @Test
  void listsPrefixesInTheOrderTheyCame() {
    AllowedIps<String> table =
        AllowedIps.<String>empty()
            .with(prefix("192.0.2.0/24"), "a")
            .with(prefix("fd00::/8"), "a")
            .with(prefix("10.0.0.0/8"), "a")
            .with(prefix("192.0.2.0/24"), "a");

    assertThat(table.prefixesOf("a"))
        .containsExactly(prefix("192.0.2.0/24"), prefix("fd00::/8"), prefix("10.0.0.0/8"));
  }

  @Test
  void movesAPrefixToItsNewOwner() {
    AllowedIps<String> before =
        AllowedIps.<String>empty()
            .with(prefix("10.0.0.0/8"), "a")
            .with(prefix("10.1.0.0/16"), "a")
            .with(prefix("10.2.0.0/16"), "b");
    AllowedIps<String> after = before.with(prefix("10.0.0.0/8"), "b");

    assertThat(after.prefixesOf("a")).containsExactly(prefix("10.1.0.0/16"));
    assertThat(after.prefixesOf("b")).containsExactly(prefix("10.2.0.0/16"), prefix("10.0.0.0/8"));
    assertThat(lookup(after, "10.9.9.9")).isEqualTo("b");
    assertThat(lookup(before, "10.9.9.9")).isEqualTo("a");
    assertThat(after.size()).isEqualTo(3);
  }

  @Test
  void forgetsAnOwnerAndAllItsPrefixes() {
    AllowedIps<String> table =
        AllowedIps.<String>empty().toBuilder()
            .put(prefix("10.0.0.0/8"), "a")
            .put(prefix("10.1.0.0/16"), "b")
            .put(prefix("fd00::/8"), "a")
            .removeAll("a")
            .removeAll("nobody")
            .put(prefix("10.3.0.0/16"), "a")
            .build();

    assertThat(table.prefixesOf("a")).containsExactly(prefix("10.3.0.0/16"));
    assertThat(lookup(table, "10.0.0.1")).isNull();
    assertThat(lookup(table, "10.1.0.1")).isEqualTo("b");
    assertThat(lookup(table, "fd00::1")).isNull();
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void tellsOwnersWithOneHashApart() {
    record Collider(String name) {
      @Override
      public int hashCode() {
        return 7;
      }
    }
    Collider a = new Collider("a");
    Collider b = new Collider("b");
    Collider c = new Collider("c");
    AllowedIps<Collider> table =
        AllowedIps.<Collider>empty()
            .with(prefix("10.0.0.0/8"), a)
            .with(prefix("11.0.0.0/8"), b)
            .with(prefix("12.0.0.0/8"), c);
    AllowedIps<Collider> without = table.toBuilder().removeAll(b).build();

    assertThat(table.prefixesOf(b)).containsExactly(prefix("11.0.0.0/8"));
    assertThat(without.prefixesOf(a)).containsExactly(prefix("10.0.0.0/8"));
    assertThat(without.prefixesOf(b)).isEmpty();
    assertThat(without.prefixesOf(c)).containsExactly(prefix("12.0.0.0/8"));
  }

  @Test
  void behavesAsItsTwinForIpv4() {
    behavesAsItsTwin(false, Seed.random("AllowedIps IPv4"));
  }

  @Test
  void behavesAsItsTwinForIpv6() {
    behavesAsItsTwin(true, Seed.random("AllowedIps IPv6"));
  }

  private static void behavesAsItsTwin(boolean ipv6, SplittableRandom random) {
    for (int round = 0; round < 30; round++) {
      AllowedIps<Integer> table = AllowedIps.empty();
      LinearAllowedIps twin = new LinearAllowedIps();
      List<IpPrefix> known = new ArrayList<>();
      // Few differing bits make nested and neighbouring prefixes likely.
      int variety = 1 + random.nextInt(ipv6 ? 128 : 32);
      for (int step = 0; step < 40; step++) {
        AllowedIps.Builder<Integer> builder = table.toBuilder();
        for (int change = random.nextInt(1, 8); change > 0; change--) {
          change(builder, twin, known, ipv6, variety, random);
        }
        table = builder.build();
      }
      assertThat(table.size()).isEqualTo(twin.size());
      for (int owner = 0; owner < 6; owner++) {
        assertThat(table.prefixesOf(owner)).isEqualTo(twin.prefixesOf(owner));
      }
      for (int probe = 0; probe < 2_000; probe++) {
        IpPrefix near = known.get(random.nextInt(known.size()));
        IpPrefix address = flip(near, random.nextInt(ipv6 ? 128 : 32), random.nextInt(3));
        assertThat(lookup(table, address)).as("%s", address).isEqualTo(twin.lookup(address));
        assertThat(table.owner(near)).isEqualTo(twin.owner(near));
      }
    }
  }

  private static void change(
      AllowedIps.Builder<Integer> builder,
      LinearAllowedIps twin,
      List<IpPrefix> known,
      boolean ipv6,
      int variety,
      SplittableRandom random) {
    int owner = random.nextInt(6);
    int what = random.nextInt(20);
    if (what == 0) {
      builder.removeAll(owner);
      twin.removeAll(owner);
    } else if (what < 5 && !known.isEmpty()) {
      IpPrefix prefix = known.get(random.nextInt(known.size()));
      builder.remove(prefix);
      twin.remove(prefix);
    } else {
      IpPrefix prefix = randomPrefix(ipv6, variety, random);
      known.add(prefix);
      builder.put(prefix, owner);
      twin.put(prefix, owner);
    }
  }

  private static IpPrefix randomPrefix(boolean ipv6, int variety, SplittableRandom random) {
    int bits = ipv6 ? 128 : 32;
    IpPrefix prefix =
        ipv6 ? IpPrefix.ipv6(0x2001_0db8L << 32, 0, 0) : IpPrefix.ipv4(0x0A00_0000, 0);
    for (int bit = 0; bit < bits; bit += Math.max(1, bits / variety)) {
      if (random.nextBoolean()) {
        prefix = flip(prefix, bit, 1);
      }
    }
    int length = random.nextInt(8) == 0 ? bits : random.nextInt(bits + 1);
    return new IpPrefix(ipv6, prefix.high(), prefix.low(), length).network();
  }

  /** The address with {@code count} bits from {@code bit} on inverted. */
  private static IpPrefix flip(IpPrefix address, int bit, int count) {
    int bits = address.ipv6() ? 128 : 32;
    long high = address.high();
    long low = address.low();
    for (int i = 0; i < count; i++) {
      int at = (bit + i) % bits;
      if (at < 64) {
        high ^= 1L << (63 - at);
      } else {
        low ^= 1L << (127 - at);
      }
    }
    return new IpPrefix(address.ipv6(), high, low, bits);
  }

  @Test
  void holdsAHundredAndThirtyThousandPrefixesAndChangesOneAtATime() {
    SplittableRandom random = Seed.random("AllowedIps 130,000");
    Set<IpPrefix> prefixes = new HashSet<>();
    while (prefixes.size() < 130_000) {
      boolean ipv6 = random.nextBoolean();
      prefixes.add(
          ipv6
              ? IpPrefix.ipv6(random.nextLong(), random.nextLong(), random.nextInt(16, 129))
                  .network()
              : IpPrefix.ipv4(random.nextInt(), random.nextInt(12, 33)).network());
    }
    AllowedIps.Builder<Integer> builder = AllowedIps.<Integer>empty().toBuilder();
    int owner = 0;
    for (IpPrefix prefix : prefixes) {
      builder.put(prefix, owner++ % 10_000);
    }
    AllowedIps<Integer> table = builder.build();
    assertThat(table.size()).isEqualTo(130_000);
    assertThat(table.prefixesOf(1)).hasSize(13);

    // Were each of these to copy the table, this would take minutes instead of milliseconds.
    AllowedIps<Integer> changed = table;
    for (int i = 0; i < 5_000; i++) {
      changed = changed.with(IpPrefix.ipv4(0x0A00_0000 + i, 32), 20_000);
    }
    assertThat(changed.prefixesOf(20_000)).hasSize(5_000);
    assertThat(lookup(changed, "10.0.19.135")).isEqualTo(20_000);
    assertThat(table.size()).isEqualTo(130_000);
  }

  private static IpPrefix prefix(String text) {
    return IpPrefix.parse(text);
  }

  private static <T> @Nullable T lookup(AllowedIps<T> table, String address) {
    return lookup(table, IpPrefix.parse(address));
  }

  private static <T> @Nullable T lookup(AllowedIps<T> table, IpPrefix address) {
    return address.ipv6()
        ? table.lookupIpv6(address.high(), address.low())
        : table.lookupIpv4((int) (address.high() >>> 32));
  }
}
