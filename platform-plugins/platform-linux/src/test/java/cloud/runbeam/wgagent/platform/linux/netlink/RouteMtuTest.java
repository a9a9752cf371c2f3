package cloud.runbeam.wgagent.platform.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MTUs of routes in the real kernel. */
@Tag("root")
class RouteMtuTest {
  private final NetlinkRoutes routes = new NetlinkRoutes();

  @ParameterizedTest
  @ValueSource(strings = {"10.42.0.0/16", "fd42::/48", "0.0.0.0/0", "::/0"})
  void comesAndGoesWithoutTheRoute(String text) {
    IpPrefix prefix = IpPrefix.parse(text);
    String show =
        "ip "
            + (prefix.ipv6() ? "-6 " : "")
            + "route show table 51820 "
            + (prefix.length() == 0 ? "default" : text);
    try (PrivateNetwork network = new PrivateNetwork()) {
      network.sh("ip tuntap add dev t0 mode tun && ip link set t0 up");
      network.run(() -> {
        assertThat(routes.setMtu("t0", prefix, 51_820, 1_300)).isFalse();
        routes.add("t0", prefix, 51_820);
        assertThat(routes.setMtu("t0", prefix, 51_820, 1_300)).isTrue();
      });
      assertThat(network.sh(show)).contains("mtu 1300").hasLineCount(1);
      network.run(() -> {
        assertThat(routes.setMtu("t0", prefix, 51_820, 0)).isTrue();
      });
      assertThat(network.sh(show)).doesNotContain("mtu").hasLineCount(1);
      network.run(() -> {
        routes.setMtu("t0", prefix, 51_820, 1_300);
        routes.remove("t0", prefix, 51_820);
      });
      assertThat(network.sh(show)).isEmpty();
    }
  }

  @Test
  void leavesRoutesOfOthersAlone() {
    try (PrivateNetwork network = new PrivateNetwork()) {
      network.sh("ip tuntap add dev t0 mode tun && ip link set t0 up");
      network.sh("ip address add 10.42.0.1/16 dev t0");
      network.run(() ->
          assertThat(routes.setMtu("t0", IpPrefix.parse("10.42.0.0/16"), RouteTable.MAIN, 1_300))
              .isFalse());
      assertThat(network.sh("ip route show")).doesNotContain("mtu");
    }
  }
}
