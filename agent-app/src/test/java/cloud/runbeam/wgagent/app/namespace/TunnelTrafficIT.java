package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.AGENT;
import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.WIREGUARD_GO;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Traffic of every kind between us and ourselves, and between us and a WireGuard that we did not
 * write.
 */
final class TunnelTrafficIT {
  static Stream<Arguments> pairs() {
    return Stream.of(
        Arguments.of(AGENT, AGENT, false),
        Arguments.of(AGENT, AGENT, true),
        Arguments.of(AGENT, WIREGUARD_GO, false),
        Arguments.of(WIREGUARD_GO, AGENT, true));
  }

  @ParameterizedTest(name = "{0} to {1}, outer IPv6: {2}")
  @MethodSource("pairs")
  void carriesPingTcpAndUdpBothWays(Implementation left, Implementation right, boolean outerIpv6) {
    try (NetnsPair pair = new NetnsPair()) {
      TunnelEnd a = TunnelEnd.start(pair, "a", left);
      TunnelEnd b = TunnelEnd.start(pair, "b", right);
      a.addPeer(b, (outerIpv6 ? "[fd99::2]:" : "10.99.0.2:") + TunnelEnd.PORT);
      b.addPeer(a, "");
      a.linkUp();
      b.linkUp();

      a.awaitPing(b.ipv4());
      assertThat(a.pings(b.ipv6())).isTrue();
      assertThat(b.pings(a.ipv4())).isTrue();
      assertThat(b.pings(a.ipv6())).isTrue();

      Iperf iperf = new Iperf(a, b);
      iperf.tcp(false, false);
      iperf.tcp(false, true);
      iperf.tcp(true, false);
      iperf.tcp(true, true);
      iperf.udp(false, false);
      iperf.udp(false, true);
      iperf.udp(true, false);

      assertThat(b.show("endpoints")).startsWith(outerIpv6 ? "[fd99::1]:" : "10.99.0.1:");
    }
  }

  @Test
  void weKeepTalkingWhenOurAddressIsReplacedAndOurPeerFollows() {
    try (NetnsPair pair = new NetnsPair()) {
      TunnelEnd a = TunnelEnd.start(pair, "a", AGENT);
      TunnelEnd b = TunnelEnd.start(pair, "b", AGENT);
      a.addPeer(b, "10.99.0.2:" + TunnelEnd.PORT);
      b.addPeer(a, "");
      a.linkUp();
      b.linkUp();
      a.awaitPing(b.ipv4());

      b.run("ip", "addr", "del", "10.99.0.2/24", "dev", pair.veth("b"));
      b.run("ip", "addr", "add", "10.99.0.3/24", "dev", pair.veth("b"));
      b.awaitPing(a.ipv4());

      assertThat(a.show("endpoints")).isEqualTo("10.99.0.3:" + TunnelEnd.PORT);
      assertThat(a.pings(b.ipv6())).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("opposites")
  void jumboMtuCarriesJumboPackets(Implementation other) {
    try (NetnsPair pair = new NetnsPair()) {
      TunnelEnd a = TunnelEnd.start(pair, "a", AGENT);
      TunnelEnd b = TunnelEnd.start(pair, "b", other);
      a.addPeer(b, "10.99.0.2:" + TunnelEnd.PORT);
      b.addPeer(a, "10.99.0.1:" + TunnelEnd.PORT);
      pair.in(pair.a(), "ip", "link", "set", pair.veth("a"), "mtu", "65535");
      pair.in(pair.b(), "ip", "link", "set", pair.veth("b"), "mtu", "65535");
      for (TunnelEnd end : new TunnelEnd[] {a, b}) {
        end.linkUp();
        end.run("ip", "link", "set", end.name(), "mtu", "34736");
      }
      a.awaitPing(b.ipv4());

      // 34,736 less 20 bytes of IPv4 and 8 of ICMP: fills the MTU exactly, and may not be
      // fragmented.
      a.run("ping", "-n", "-c", "2", "-W", "2", "-M", "do", "-s", "34708", b.ipv4());
    }
  }

  static Stream<Implementation> opposites() {
    return Stream.of(AGENT, WIREGUARD_GO);
  }
}
