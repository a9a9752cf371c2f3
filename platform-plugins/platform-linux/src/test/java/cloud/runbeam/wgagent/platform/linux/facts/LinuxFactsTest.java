package cloud.runbeam.wgagent.platform.linux.facts;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.HostFacts.FirewallFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.LinkFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.RouteFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.Verdict;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Facts of the real kernel and packet filter, in a network namespace of their own. */
@Tag("root")
class LinuxFactsTest {
  private final PrivateNetwork network = new PrivateNetwork();
  private final LinuxFacts facts = new LinuxFacts();

  @BeforeEach
  void makeInterfaces() {
    network.sh("ip tuntap add dev t0 mode tun && ip link set t0 up mtu 1400");
    network.sh("ip address add 10.9.0.2/24 dev t0 && ip address add fd42::2/64 dev t0 nodad");
    network.sh("ip tuntap add dev t1 mode tun && ip link set t1 up");
    network.sh("ip address add 192.0.2.2/24 dev t1 && ip route add default via 192.0.2.1");
  }

  @AfterEach
  void end() {
    network.close();
  }

  private RouteFact route(String address, int fwmark) {
    return network.call(() -> facts.route(IpPrefix.parse(address), fwmark));
  }

  @Test
  void tellsDeviceTablePrefixGatewayAndSource() {
    RouteFact inside = route("10.9.0.77", 0);
    assertThat(inside.verdict()).isEqualTo(Verdict.UNICAST);
    assertThat(inside.device()).contains("t0");
    assertThat(inside.table()).hasValue(254);
    assertThat(inside.matched()).contains(IpPrefix.parse("10.9.0.0/24"));
    assertThat(inside.source()).contains("10.9.0.2");
    assertThat(inside.rule()).contains("32766: from all lookup main");

    RouteFact outside = route("198.51.100.1", 0);
    assertThat(outside.gateway()).contains("192.0.2.1");
    assertThat(outside.matched()).contains(IpPrefix.parse("0.0.0.0/0"));

    RouteFact ipv6 = route("fd42::99", 0);
    assertThat(ipv6.device()).contains("t0");
    assertThat(ipv6.matched()).contains(IpPrefix.parse("fd42::/64"));
    assertThat(ipv6.rule()).contains("32766: from all lookup main");
  }

  /** As a full tunnel sets it up. */
  @Test
  void tellsWhichRuleLeadsWhere() {
    network.sh("ip route add default dev t0 table 51820");
    network.sh("ip rule add not fwmark 0xca6c table 51820 priority 100");
    network.sh("ip rule add table main suppress_prefixlength 0 priority 99");
    RouteFact all = route("198.51.100.1", 0);
    assertThat(all.device()).contains("t0");
    assertThat(all.table()).hasValue(51_820);
    assertThat(all.rule()).contains("100: not from all fwmark 0xca6c lookup 51820");
    RouteFact marked = route("198.51.100.1", 0xca6c);
    assertThat(marked.device()).contains("t1");
    assertThat(marked.rule()).contains("32766: from all lookup main");
    assertThat(route("10.9.0.7", 0).rule())
        .contains("99: from all lookup main suppress_prefixlength 0");
  }

  @Test
  void tellsEveryVerdict() {
    network.sh("ip route add prohibit 203.0.113.1 && ip route add blackhole 203.0.113.2");
    network.sh("ip route add unreachable 203.0.113.3 && ip -6 route add blackhole 2001:db8::1");
    assertThat(route("203.0.113.1", 0).verdict()).isEqualTo(Verdict.PROHIBITED);
    assertThat(route("203.0.113.2", 0).verdict()).isEqualTo(Verdict.BLACKHOLE);
    assertThat(route("203.0.113.3", 0).verdict()).isEqualTo(Verdict.UNREACHABLE);
    assertThat(route("2001:db8::1", 0).verdict()).isEqualTo(Verdict.BLACKHOLE);
    assertThat(route("2001:db8::2", 0).verdict()).isEqualTo(Verdict.UNREACHABLE);
    assertThat(route("10.9.0.2", 0).verdict()).isEqualTo(Verdict.LOCAL);
    assertThat(route("192.0.2.255", 0).verdict()).isEqualTo(Verdict.BROADCAST);
  }

  @Test
  void tellsHowAnInterfaceStands() {
    assertThat(network.call(() -> facts.link("t0")))
        .contains(
            new LinkFact(
                "t0",
                true,
                false,
                1400,
                List.of(IpPrefix.parse("10.9.0.2/24"), IpPrefix.parse("fd42::2/64"))));
    assertThat(network.call(() -> facts.link("t9"))).isEmpty();
  }

  @Test
  void tellsWhereThePacketFilterDrops() {
    FirewallFact open = network.call(facts::firewall);
    assertThat(open).isEqualTo(new FirewallFact(true, false, List.of(), Optional.empty()));
    network.sh(
        "nft 'table ip mine { chain out { type filter hook output priority 0; policy accept;"
            + " udp dport 51820 drop; }; }'");
    assertThat(network.call(facts::firewall).dropping())
        .containsExactly("ip mine out: udp dport 51820 drop");
  }
}
