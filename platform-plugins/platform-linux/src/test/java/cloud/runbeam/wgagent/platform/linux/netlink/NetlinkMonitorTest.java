package cloud.runbeam.wgagent.platform.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.platform.api.NetworkChange;
import cloud.runbeam.wgagent.platform.api.NetworkChange.Kind;
import cloud.runbeam.wgagent.platform.api.NetworkMonitor;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** News of the real kernel, in a network namespace of their own. */
@Tag("root")
class NetlinkMonitorTest {
  private final PrivateNetwork network = new PrivateNetwork();
  private final LinkedBlockingQueue<NetworkChange> changes = new LinkedBlockingQueue<>();
  private final AtomicLong suspendedNs = new AtomicLong();
  private NetworkMonitor.Watch watch;

  @BeforeEach
  void start() {
    network.sh("ip tuntap add dev t0 mode tun && ip link set t0 up");
    NetlinkMonitor monitor = new NetlinkMonitor(suspendedNs::get);
    watch = network.call(() -> monitor.watch(changes::add));
    // The watch's first look is over once it tells of something that came after.
    network.sh("ip rule add table 77 priority 77 && ip rule delete priority 77");
    await(Set.of(Kind.RULE), Set.of());
    changes.clear();
  }

  @AfterEach
  void end() {
    watch.close();
    network.close();
  }

  /** Collects news until all of these were told. */
  private void await(Set<Kind> kinds, Set<String> interfaces) {
    Set<Kind> seenKinds = EnumSet.noneOf(Kind.class);
    Set<String> seenInterfaces = new LinkedHashSet<>();
    while (!seenKinds.containsAll(kinds) || !seenInterfaces.containsAll(interfaces)) {
      NetworkChange change = poll();
      assertThat(change)
          .as("news of %s of %s; told so far: %s %s", kinds, interfaces, seenKinds, seenInterfaces)
          .isNotNull();
      seenKinds.addAll(change.kinds());
      seenInterfaces.addAll(change.interfaces());
    }
  }

  private NetworkChange poll() {
    try {
      return changes.poll(PrivateNetwork.PATIENCE_S, TimeUnit.SECONDS);
    } catch (InterruptedException interruption) {
      throw new AssertionError(interruption);
    }
  }

  @Test
  void tellsOfLinksAddressesRoutesAndRulesOfBothFamilies() {
    network.sh("ip link set t0 mtu 1300");
    await(Set.of(Kind.LINK), Set.of("t0"));
    network.sh("ip address add 10.9.0.1/24 dev t0");
    await(Set.of(Kind.ADDRESS), Set.of("t0"));
    network.sh("ip -6 address add fd42::1/64 dev t0 nodad");
    await(Set.of(Kind.ADDRESS), Set.of("t0"));
    changes.clear();
    network.sh("ip route add 192.0.2.0/24 dev t0 table 99");
    await(Set.of(Kind.ROUTE), Set.of("t0"));
    network.sh("ip -6 route add 2001:db8::/32 dev t0");
    await(Set.of(Kind.ROUTE), Set.of("t0"));
    network.sh("ip -6 rule add fwmark 7 table 99");
    await(Set.of(Kind.RULE), Set.of());
    network.sh("ip link delete t0");
    await(Set.of(Kind.LINK, Kind.ADDRESS, Kind.ROUTE), Set.of("t0"));
  }

  @Test
  void tellsManyChangesAsFew() {
    StringBuilder batch = new StringBuilder();
    for (int i = 1; i < 200; i++) {
      batch.append("route add 192.0.2.").append(i).append("/32 dev t0\\n");
    }
    network.sh("printf '" + batch + "' | ip -batch -");
    network.sh("ip link add marker type dummy || ip tuntap add dev marker mode tun");
    int told = 0;
    for (NetworkChange change = poll(); !change.interfaces().contains("marker"); change = poll()) {
      told++;
    }
    assertThat(told).isLessThan(20);
  }

  @Test
  void saysNothingAboutWhatOnlyRepeats() {
    network.sh("ip -6 address add fd42::1/64 dev t0 nodad valid_lft 1000 preferred_lft 900");
    network.sh("ip -6 route add 2001:db8::/32 dev t0 expires 500");
    await(Set.of(Kind.ADDRESS, Kind.ROUTE), Set.of("t0"));
    network.sh("ip rule add table 77 priority 77");
    await(Set.of(Kind.RULE), Set.of());
    changes.clear();
    network.sh("ip -6 address change fd42::1/64 dev t0 nodad valid_lft 2000 preferred_lft 1900");
    network.sh("ip -6 route replace 2001:db8::/32 dev t0 expires 900");
    network.sh("ip rule delete priority 77");
    NetworkChange next = poll();
    assertThat(next.kinds()).containsExactly(Kind.RULE);
  }

  @Test
  void tellsThatTheMachineWasSuspended() {
    suspendedNs.addAndGet(2_000_000_000L);
    network.sh("ip link set t0 mtu 1301");
    await(Set.of(Kind.RESUMED, Kind.LINK), Set.of("t0"));
    network.sh("ip link set t0 mtu 1302");
    assertThat(poll().kinds()).containsExactly(Kind.LINK);
  }

  @Test
  void tellsThatNewsWereLostAndGoesOn() {
    // The listener holds the watch up until its socket has overflowed.
    LinkedBlockingQueue<Integer> permits = new LinkedBlockingQueue<>();
    NetworkMonitor.Watch slow =
        network.call(() ->
            new NetlinkMonitor(suspendedNs::get)
                .watch(change -> {
                  changes.add(change);
                  if (!change.kinds().contains(Kind.LOST)) {
                    take(permits);
                  }
                }));
    watch.close();
    try {
      network.sh("ip rule add table 78 priority 78");
      await(Set.of(Kind.RULE), Set.of());
      StringBuilder batch = new StringBuilder();
      for (int i = 1; i < 2_000; i++) {
        batch.append("route add 10.1.").append(i / 250).append('.').append(i % 250);
        batch.append("/32 dev t0\\n");
      }
      network.sh("printf '" + batch + "' | ip -batch -");
      permits.add(1);
      await(Set.of(Kind.LOST), Set.of());
      permits.add(1);
      permits.add(1);
      network.sh("ip link set t0 mtu 1303");
      await(Set.of(Kind.LINK), Set.of("t0"));
    } finally {
      for (int i = 0; i < 100; i++) {
        permits.add(1);
      }
      slow.close();
    }
  }

  private static void take(LinkedBlockingQueue<Integer> permits) {
    try {
      permits.poll(PrivateNetwork.PATIENCE_S, TimeUnit.SECONDS);
    } catch (InterruptedException interruption) {
      throw new AssertionError(interruption);
    }
  }
}
