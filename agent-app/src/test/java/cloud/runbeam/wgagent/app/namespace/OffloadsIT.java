package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.WIREGUARD_GO;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every combination of offloads that an operator can choose carries every kind of traffic. */
final class OffloadsIT {
  @ParameterizedTest(name = "WG_AGENT_OFFLOADS={0}")
  @CsvSource({"on,on,on", "off,off,off", "tun,on,off", "udp,off,on"})
  void carriesTcpAndUdpBothWays(String choice, String tun, String udp) {
    String variable = "WG_AGENT_OFFLOADS=" + choice;
    try (NetnsPair pair = new NetnsPair()) {
      TunnelEnd a =
          TunnelEnd.start(pair, "a", "env", variable, InstalledAgent.launcher(), "device", "-f");
      TunnelEnd b = TunnelEnd.start(pair, "b", WIREGUARD_GO);
      a.addPeer(b, "10.99.0.2:" + TunnelEnd.PORT);
      b.addPeer(a, "");
      a.linkUp();
      b.linkUp();
      a.awaitPing(b.ipv4());

      Iperf iperf = new Iperf(a, b);
      iperf.tcp(false, false);
      iperf.tcp(true, true);
      iperf.udp(false, false);
      iperf.udp(true, true);

      assertThat(a.run("env", variable, InstalledAgent.launcher(), "version"))
          .contains("offload  tun " + tun)
          .contains("offload  udp_receive " + udp, "offload  udp_send " + udp);
    }
  }
}
