package cloud.runbeam.wgagent.platform.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes through the real kernel, in a network namespace of their own. */
@Tag("root")
class NetlinkRoutesTest {
  private static final IpPrefix IPV4 = IpPrefix.ipv4(0x0A2A_0000, 16);
  private static final IpPrefix IPV6 = IpPrefix.ipv6(0xFD42L << 48, 0, 48);
  private static final IpPrefix DEFAULT_IPV4 = IpPrefix.ipv4(0, 0);
  private static final IpPrefix DEFAULT_IPV6 = IpPrefix.ipv6(0, 0, 0);

  private final PrivateNetwork network = new PrivateNetwork();
  private final NetlinkRoutes routes = new NetlinkRoutes();

  @BeforeEach
  void makeInterfaces() {
    // Without a reader a TUN has no carrier, but routes like any other.
    network.sh("ip tuntap add dev t0 mode tun && ip link set t0 up mtu 1400");
    network.sh("ip tuntap add dev t1 mode tun && ip link set t1 up");
  }

  @AfterEach
  void end() {
    network.close();
  }

  private String routes(String arguments) {
    return network.sh("ip route show " + arguments) + network.sh("ip -6 route show " + arguments);
  }

  @ParameterizedTest
  @ValueSource(ints = {RouteTable.MAIN, 51_820})
  void addsAndRemovesRoutesAnyNumberOfTimes(int table) {
    for (IpPrefix prefix : new IpPrefix[] {IPV4, IPV6, DEFAULT_IPV4, DEFAULT_IPV6}) {
      network.run(() -> {
        routes.add("t0", prefix, table);
        routes.add("t0", prefix, table);
      });
    }
    assertThat(routes("dev t0 table " + table + " proto static"))
        .contains("10.42.0.0/16 ", "fd42::/48 ")
        .containsPattern("default[^\n]*\n(.*\n)*default");
    for (IpPrefix prefix : new IpPrefix[] {IPV4, IPV6, DEFAULT_IPV4, DEFAULT_IPV6}) {
      network.run(() -> {
        routes.remove("t0", prefix, table);
        routes.remove("t0", prefix, table);
      });
    }
    assertThat(network.sh("ip route show table all proto static")).isEmpty();
    assertThat(network.sh("ip -6 route show table all proto static")).isEmpty();
  }

  @Test
  void clearsHostBits() {
    network.run(() -> routes.add("t0", IpPrefix.ipv4(0x0A2A_0305, 16), RouteTable.MAIN));
    assertThat(routes("dev t0")).contains("10.42.0.0/16");
  }

  @Test
  void takesNoPrefixFromAnotherInterface() {
    network.sh("ip route add 10.42.0.0/16 dev t1 && ip -6 route add fd42::/48 dev t1");
    for (IpPrefix prefix : new IpPrefix[] {IPV4, IPV6}) {
      assertThatThrownBy(() -> network.run(() -> routes.add("t0", prefix, RouteTable.MAIN)))
          .cause()
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("cannot route " + prefix + " to t0 in table 254")
          .hasMessageContaining("it is routed to t1");
      network.run(() -> routes.remove("t0", prefix, RouteTable.MAIN));
    }
    assertThat(routes("dev t1")).contains("10.42.0.0/16", "fd42::/48");
  }

  @Test
  void leavesTheKernelsRouteOfAnAddressAlone() {
    network.sh("ip address add 10.42.0.1/16 dev t0 && ip address add fd42::1/48 dev t0 nodad");
    for (IpPrefix prefix : new IpPrefix[] {IPV4, IPV6}) {
      network.run(() -> {
        routes.add("t0", prefix, RouteTable.MAIN);
        routes.remove("t0", prefix, RouteTable.MAIN);
      });
    }
    assertThat(routes("dev t0")).contains("10.42.0.0/16", "fd42::/48");
  }

  @Test
  void saysThatTheInterfaceMustBeUp() {
    network.sh("ip link set t0 down");
    assertThatThrownBy(() -> network.run(() -> routes.add("t0", IPV4, RouteTable.MAIN)))
        .cause()
        .hasMessageContaining("ENETDOWN")
        .hasMessageContaining("ip link set t0 up");
  }

  @Test
  void routesOfAVanishedInterfaceAreGone() {
    network.run(() -> routes.remove("t9", IPV4, RouteTable.MAIN));
    assertThatThrownBy(() -> network.run(() -> routes.add("t9", IPV4, RouteTable.MAIN)))
        .cause()
        .hasMessageContaining("there is no interface t9");
  }

  @Test
  void findsTheMtuOfAPath() {
    Endpoint ipv4 = Endpoint.ipv4(0x0A2A_0001, 51_820);
    Endpoint ipv6 = Endpoint.ipv6(0xFD42L << 48, 1, 51_820, 0);
    network.run(() -> {
      assertThat(routes.pathMtu(ipv4)).isEmpty();
      assertThat(routes.pathMtu(ipv6)).isEmpty();
      routes.add("t0", IPV4, RouteTable.MAIN);
      routes.add("t0", IPV6, RouteTable.MAIN);
      assertThat(routes.pathMtu(ipv4)).hasValue(1400);
      assertThat(routes.pathMtu(ipv6)).hasValue(1400);
    });
    network.sh("ip route add 10.42.0.1/32 dev t0 mtu 1300");
    network.run(() -> assertThat(routes.pathMtu(ipv4)).hasValue(1300));
    network.sh("ip route add prohibit 10.42.0.1/32 metric 0 table 253 && ip rule add table 253");
    network.run(() -> assertThat(routes.pathMtu(ipv4)).isEmpty());
  }
}
