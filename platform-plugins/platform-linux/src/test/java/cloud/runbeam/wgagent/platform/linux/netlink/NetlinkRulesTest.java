package cloud.runbeam.wgagent.platform.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import cloud.runbeam.wgagent.platform.api.PolicyRouting.Rule;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules through the real kernel, in a network namespace of their own. */
@Tag("root")
class NetlinkRulesTest {
  private static final int TABLE = 51_820;

  private final PrivateNetwork network = new PrivateNetwork();
  private final NetlinkRules rules = new NetlinkRules();

  @AfterEach
  void end() {
    network.close();
  }

  private String ip(boolean ipv6) {
    return network.sh("ip " + (ipv6 ? "-6" : "-4") + " rule show");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void addsAndRemovesRulesAsWgQuickMakesThem(boolean ipv6) {
    String before = ip(ipv6);
    Rule unmarked = Rule.unmarkedTo(TABLE, 0xCA6C, ipv6, 32_765);
    Rule local = Rule.mainButDefault(ipv6, 32_764);
    network.run(() -> {
      rules.add(local);
      rules.add(unmarked);
      rules.add(unmarked);
    });
    assertThat(ip(ipv6))
        .contains("32764:\tfrom all lookup main suppress_prefixlength 0")
        .containsOnlyOnce("32765:\tnot from all fwmark 0xca6c lookup 51820");
    assertThat(network.call(rules::rules)).contains(local, unmarked);
    network.run(() -> {
      rules.remove(unmarked);
      rules.remove(local);
      rules.remove(local);
    });
    assertThat(ip(ipv6)).isEqualTo(before);
  }

  @Test
  void leavesRulesOfOthersAlone() {
    network.sh("ip rule add pref 100 fwmark 0x80000/0xff0000 lookup 52");
    network.sh("ip rule add pref 32764 lookup main suppress_prefixlength 0");
    network.run(() -> {
      rules.remove(Rule.unmarkedTo(52, 0x80000, false, 100));
      rules.remove(Rule.mainButDefault(false, 32_762));
    });
    assertThat(ip(false)).contains("100:", "32764:");
    assertThat(network.call(rules::rules))
        .contains(new Rule(false, 100, false, 0x80000, 0xFF0000, 52, -1));
  }

  @Test
  void tellsWhichTablesHoldRoutes() {
    assertThat(network.<Boolean>call(() -> rules.hasRoutes(TABLE))).isFalse();
    network.sh("ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up");
    network.sh("ip -6 route add fd42::/48 dev d0 table 51820");
    network.sh("ip route add 10.42.0.0/16 dev d0 table 51821");
    assertThat(network.<Boolean>call(() -> rules.hasRoutes(TABLE))).isTrue();
    assertThat(network.<Boolean>call(() -> rules.hasRoutes(TABLE + 1))).isTrue();
    assertThat(network.<Boolean>call(() -> rules.hasRoutes(TABLE + 2))).isFalse();
  }

  @Test
  void tellsWhetherAFamilyCanLeaveTheMachine() {
    network.sh("ip link add d0 type veth peer name wg0");
    network.sh("sysctl -q net.ipv6.conf.all.disable_ipv6=1");
    network.sh("ip addr add 10.9.0.1/24 dev wg0");
    assertThat(network.<Boolean>call(() -> rules.isInUse(false, "wg0"))).isFalse();
    assertThat(network.<Boolean>call(() -> rules.isInUse(true, "wg0"))).isFalse();
    network.sh(
        "sysctl -q net.ipv6.conf.d0.disable_ipv6=0 && ip link set d0 up && ip link set wg0 up");
    network.sh("ip addr add 10.8.0.1/24 dev d0");
    assertThat(network.<Boolean>call(() -> rules.isInUse(false, "wg0"))).isTrue();
    assertThat(network.<Boolean>call(() -> rules.isInUse(true, "wg0")))
        .as("a link-local address is enough")
        .isTrue();
  }

  @Test
  void writesRequestsByteForByte() {
    byte[] bytes =
        NetlinkRules.request(
                Rtnetlink.RTM_NEWRULE, 0x605, Rule.unmarkedTo(TABLE, 0xCA6C, false, 32_765))
            .encode(1);
    ByteBuffer expected = ByteBuffer.allocate(60).order(ByteOrder.nativeOrder());
    expected.putInt(60).putShort((short) 32).putShort((short) 0x605).putInt(1).putInt(0);
    // struct fib_rule_hdr: AF_INET, FR_ACT_TO_TBL, FIB_RULE_INVERT.
    expected.put(new byte[] {2, 0, 0, 0, 0, 0, 0, 1}).putInt(2);
    expected.putShort((short) 8).putShort((short) 6).putInt(32_765);
    expected.putShort((short) 8).putShort((short) 15).putInt(TABLE);
    expected.putShort((short) 8).putShort((short) 10).putInt(0xCA6C);
    expected.putShort((short) 8).putShort((short) 16).putInt(-1);
    assertThat(bytes).isEqualTo(expected.array());
  }

  @Test
  void readsWhatItWrites() {
    for (Rule rule :
        List.of(Rule.unmarkedTo(TABLE, 0xCA6C, true, 32_765), Rule.mainButDefault(false, 32_764))) {
      byte[] bytes = NetlinkRules.request(Rtnetlink.RTM_NEWRULE, 0, rule).encode(1);
      assertThat(NetlinkRules.rule(NetlinkMessage.parse(bytes).getFirst())).contains(rule);
    }
  }

  @Test
  void survivesHostileBytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] whole =
        NetlinkRules.request(Rtnetlink.RTM_NEWRULE, 0, Rule.unmarkedTo(TABLE, 0xCA6C, true, 32_765))
            .encode(1);
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = whole.clone();
      for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
        bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt();
      }
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.nativeOrder())
          .putInt(0, random.nextInt(bytes.length + 1))
          .putShort(4, (short) Rtnetlink.RTM_NEWRULE);
      assertThatCode(() -> NetlinkMessage.parse(bytes).forEach(NetlinkRules::rule))
          .as("seed %d", seed)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void takesNoRuleThatIsNotAboutATable() {
    network.sh("ip rule add pref 50 blackhole && ip rule add pref 60 goto 32766");
    assertThat(network.call(rules::rules))
        .extracting(Rule::priority)
        .contains(32_766)
        .doesNotContain(50, 60);
  }
}
