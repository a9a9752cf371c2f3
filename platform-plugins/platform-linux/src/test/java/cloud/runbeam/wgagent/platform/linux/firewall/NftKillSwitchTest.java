package cloud.runbeam.wgagent.platform.linux.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.platform.api.KillSwitch.Tunnel;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import cloud.runbeam.wgagent.platform.linux.tool.SystemTools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kill switch through the real nft, in a network namespace of its own. */
@Tag("root")
class NftKillSwitchTest {
  private static final String NAME = "wg_agent_killswitch";
  private static final List<Tunnel> ONE = List.of(new Tunnel("wg0", 0xCA6C, false));
  private static final List<Tunnel> TWO =
      List.of(new Tunnel("wg0", 0xCA6C, true), new Tunnel("a+b=c.d-e", 0xFFFF_FFFF, true));

  private final PrivateNetwork network = new PrivateNetwork();
  private final NftKillSwitch killSwitch = new NftKillSwitch();

  @AfterEach
  void end() {
    network.close();
  }

  private Optional<String> leak(List<Tunnel> tunnels) {
    return network.call(() -> killSwitch.leak(NAME, tunnels));
  }

  @Test
  void isRaisedReplacedAndLiftedWithoutATrace() {
    network.run(() -> killSwitch.enforce(NAME, ONE));
    assertThat(network.<Boolean>call(() -> killSwitch.stands(NAME))).isTrue();
    assertThat(leak(ONE)).isEmpty();
    assertThat(network.sh("nft list ruleset"))
        .contains("hook output", "hook forward", "policy drop", "oifname \"wg0\" accept");
    network.run(() -> killSwitch.enforce(NAME, TWO));
    assertThat(leak(TWO)).isEmpty();
    assertThat(network.sh("nft list ruleset"))
        .contains("oifname \"a+b=c.d-e\" accept", "10.0.0.0/8")
        .containsOnlyOnce("table inet");
    network.run(() -> killSwitch.lift(NAME));
    network.run(() -> killSwitch.lift(NAME));
    assertThat(network.<Boolean>call(() -> killSwitch.stands(NAME))).isFalse();
    assertThat(network.sh("nft list ruleset")).isEmpty();
  }

  @Test
  void leavesFirewallsOfOthersAlone() {
    network.sh("nft add table inet mine && nft add chain inet mine c");
    network.run(() -> killSwitch.enforce(NAME, ONE));
    network.run(() -> killSwitch.lift(NAME));
    assertThat(network.sh("nft list ruleset")).contains("table inet mine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nft flush ruleset",
        "nft chain inet wg_agent_killswitch output '{ policy accept; }'",
        "nft chain inet wg_agent_killswitch forward '{ policy accept; }'",
        "nft insert rule inet wg_agent_killswitch output accept",
        "nft add rule inet wg_agent_killswitch output oifname eth0 accept",
        "nft flush chain inet wg_agent_killswitch output"
      })
  void noticesWhatSomebodyElseDidToIt(String deed) {
    network.run(() -> killSwitch.enforce(NAME, ONE));
    network.sh(deed);
    assertThat(leak(ONE)).isPresent();
    network.run(() -> killSwitch.enforce(NAME, ONE));
    assertThat(leak(ONE)).isEmpty();
  }

  @Test
  void letsNothingOutButWhatItShould() {
    network.sh("ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up");
    network.sh("ip addr add 10.8.0.1/24 dev d0 && ip addr add 203.0.113.1/24 dev d0");
    String open = "ping -n -c1 -W1 127.0.0.1 >/dev/null && echo passed";
    // What is sent to port 99 carries the mark.
    network.sh("nft add table inet m");
    network.sh("nft 'add chain inet m o { type route hook output priority -150; }'");
    network.sh("nft add rule inet m o udp dport 99 meta mark set 0xca6c");
    String lan = send("10.8.0.9", 9);
    String outside = send("203.0.113.9", 9);
    String marked = send("203.0.113.9", 99);
    network.run(() -> killSwitch.enforce(NAME, ONE));
    assertThat(network.sh(open)).contains("passed");
    assertThat(network.sh(outside)).contains("blocked");
    assertThat(network.sh(lan)).contains("blocked");
    assertThat(network.sh(marked)).contains("passed");
    network.run(() -> killSwitch.enforce(NAME, List.of(new Tunnel("wg0", 0xCA6C, true))));
    assertThat(network.sh(outside)).contains("blocked");
    assertThat(network.sh(lan)).contains("passed");
    network.run(() -> killSwitch.enforce(NAME, List.of(new Tunnel("d0", 0xCA6C, false))));
    assertThat(network.sh(outside)).contains("passed");
  }

  /** A datagram; netfilter tells a sender whose packet it drops at once (EPERM). */
  private static String send(String address, int port) {
    return "bash -c 'echo x >/dev/udp/"
        + address
        + "/"
        + port
        + "' 2>/dev/null && echo passed"
        + " || echo blocked";
  }

  @Test
  void saysThatNftIsMissing() {
    SystemTools nothing = new SystemTools(List.of(Path.of("/nowhere")), Duration.ofSeconds(1));
    NftKillSwitch without = new NftKillSwitch(new Nft(nothing));
    assertThatThrownBy(() -> without.enforce(NAME, ONE))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("cannot raise the kill switch: nft is not installed")
        .hasMessageContaining("apt install nftables");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a b", "a\"; flush ruleset; \"", "wg0*", "wg0\n", "-x", "0123456789abcdef"})
  void refusesInterfacesThatAreNone(String name) {
    List<Tunnel> tunnels = List.of(new Tunnel(name, 1, false));
    assertThatThrownBy(() -> NftKillSwitch.script(NAME, tunnels))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesTheMarkThatEverythingCarries() {
    List<Tunnel> tunnels = List.of(new Tunnel("wg0", 0, false));
    assertThatThrownBy(() -> NftKillSwitch.script(NAME, tunnels))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
