package cloud.runbeam.wgagent.platform.linux.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.Echoes.Outcome;
import cloud.runbeam.wgagent.platform.api.Echoes.Reply;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Echo through the real kernel, over both kinds of socket. */
@Tag("root")
class LinuxEchoesTest {
  private final PrivateNetwork network = new PrivateNetwork();
  private final LinuxEchoes echoes = new LinuxEchoes();

  @BeforeEach
  void start() {
    network.sh("ip link set lo mtu 1500");
  }

  @AfterEach
  void end() {
    network.close();
  }

  private Reply ask(String interfaceName, String address, int packetBytes) {
    return network.call(() ->
        echoes.ask(interfaceName, IpPrefix.parse(address), packetBytes, Duration.ofMillis(500)));
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, 0 0", "::1, 0 0", "127.0.0.1, 1 0", "::1, 1 0"})
  void tellsAnAnswerFromAPacketThatIsTooLong(String address, String pingGroups) {
    network.sh("echo '" + pingGroups + "' > /proc/sys/net/ipv4/ping_group_range");
    Reply answered = ask("lo", address, 1500);
    assertThat(answered.outcome()).isEqualTo(Outcome.ANSWERED);
    assertThat(answered.roundTrip()).isPositive();
    assertThat(ask("lo", address, 65).outcome()).isEqualTo(Outcome.ANSWERED);
    assertThat(ask("lo", address, 1501).outcome()).isEqualTo(Outcome.TOO_LARGE);
  }

  @Test
  void tellsThatNobodyAnswers() {
    network.sh("ip link set lo up; ip route add 10.9.0.0/24 dev lo");
    network.sh("echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all");
    assertThat(ask("lo", "127.0.0.1", 84).outcome()).isEqualTo(Outcome.LOST);
  }

  @Test
  void leavesByNoOtherInterface() {
    network.sh("ip tuntap add dev t0 mode tun && ip link set t0 up");
    assertThat(ask("t0", "127.0.0.1", 84).outcome()).isNotEqualTo(Outcome.ANSWERED);
    assertThatThrownBy(() -> ask("t9", "127.0.0.1", 84))
        .cause()
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("cannot probe 127.0.0.1 through t9")
        .hasMessageContaining("ENODEV");
  }
}
