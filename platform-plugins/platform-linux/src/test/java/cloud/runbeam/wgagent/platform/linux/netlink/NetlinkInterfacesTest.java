package cloud.runbeam.wgagent.platform.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Addresses, MTU and state through the real kernel, in a network namespace of their own. */
@Tag("root")
class NetlinkInterfacesTest {
  private static final IpPrefix IPV4 = IpPrefix.ipv4(0x0A01_0001, 24);
  private static final IpPrefix IPV6 = IpPrefix.ipv6(0xFD01L << 48, 1, 64);

  private final PrivateNetwork network = new PrivateNetwork();
  private final NetlinkInterfaces interfaces = new NetlinkInterfaces();

  @BeforeEach
  void makeInterface() {
    network.sh("ip tuntap add dev t0 mode tun");
  }

  @AfterEach
  void end() {
    network.close();
  }

  private AbstractThrowableAssert<?, ?> refusal(PrivateNetwork.Task task) {
    return assertThatThrownBy(() -> network.run(task))
        .cause()
        .isInstanceOf(PlatformException.class);
  }

  @Test
  void tellsWhichInterfacesExist() {
    network.run(() -> {
      assertThat(interfaces.exists("t0")).isTrue();
      assertThat(interfaces.exists("t1")).isFalse();
      assertThat(interfaces.exists("")).isFalse();
      assertThat(interfaces.exists("a-name-that-is-too-long")).isFalse();
    });
  }

  @Test
  void addsAndRemovesAddressesAnyNumberOfTimes() {
    network.run(() -> {
      interfaces.setUp("t0", true);
      for (int i = 0; i < 2; i++) {
        interfaces.addAddress("t0", IPV4);
        interfaces.addAddress("t0", IPV6);
      }
      assertThat(interfaces.addresses("t0")).containsExactlyInAnyOrder(IPV4, IPV6);
      for (int i = 0; i < 2; i++) {
        interfaces.removeAddress("t0", IPV4);
        interfaces.removeAddress("t0", IPV6);
      }
      assertThat(interfaces.addresses("t0")).isEmpty();
    });
  }

  @Test
  void addressesAreUsableAtOnce() {
    network.run(() -> {
      interfaces.setUp("t0", true);
      interfaces.addAddress("t0", IPV6);
    });
    assertThat(network.sh("ip -6 address show dev t0 scope global"))
        .contains("fd01::1/64")
        .doesNotContain("tentative");
  }

  @Test
  void keepsSeveralIpv4PrefixesOfOneAddressApart() {
    IpPrefix host = IpPrefix.ipv4(0x0A01_0001, 32);
    network.run(() -> {
      interfaces.addAddress("t0", IPV4);
      interfaces.addAddress("t0", host);
      interfaces.removeAddress("t0", IPV4);
      assertThat(interfaces.addresses("t0")).containsExactly(host);
    });
  }

  @Test
  void refusesAnIpv6AddressThatIsThereWithAnotherLength() {
    refusal(
            () -> {
              interfaces.addAddress("t0", IPV6);
              interfaces.addAddress("t0", IpPrefix.ipv6(0xFD01L << 48, 1, 128));
            })
        .hasMessageContaining("cannot add address fd01::1/128 to t0")
        .hasMessageContaining("EEXIST")
        .hasMessageContaining("another prefix length");
  }

  @Test
  void saysThatIpv6IsOff() {
    network.sh("sysctl -q net.ipv6.conf.t0.disable_ipv6=1");
    refusal(() -> interfaces.addAddress("t0", IPV6))
        .hasMessageContaining("net.ipv6.conf.t0.disable_ipv6=0");
  }

  @Test
  void setsMtuAndState() {
    network.run(() -> {
      interfaces.setMtu("t0", 1380);
      interfaces.setUp("t0", true);
    });
    assertThat(network.sh("ip link show t0")).contains("mtu 1380").contains("UP");
    network.run(() -> interfaces.setUp("t0", false));
    assertThat(network.sh("ip link show t0")).doesNotContain("UP");
  }

  @Test
  void repeatsTheKernelsOwnWords() {
    refusal(() -> interfaces.setMtu("t0", 10))
        .hasMessageContaining("cannot set the MTU of t0 to 10: rtnetlink: EINVAL")
        .hasMessageContaining("mtu less than device minimum");
  }

  @Test
  void saysThatTheInterfaceDoesNotExist() {
    refusal(() -> interfaces.setUp("t9", true))
        .hasMessageContaining("cannot set t9 up: rtnetlink: ENODEV")
        .hasMessageContaining("there is no interface t9");
    refusal(() -> interfaces.addAddress("t9", IPV4)).hasMessageContaining("no interface t9");
    refusal(() -> interfaces.removeAddress("t9", IPV4)).hasMessageContaining("no interface t9");
    refusal(() -> interfaces.addresses("t9")).hasMessageContaining("no interface t9");
  }
}
