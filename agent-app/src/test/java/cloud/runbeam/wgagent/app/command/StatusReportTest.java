package cloud.runbeam.wgagent.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.client.JsonValue;
import org.junit.jupiter.api.Test;

final class StatusReportTest {
  private static final CommandOutput PLAIN = new CommandOutput(System.out, System.err, false, 80);

  private static StatusReport report(String json) throws Exception {
    return StatusReport.of(JsonValue.parse(json));
  }

  private static final String ACTIVE =
      """
      {"network":"default","state":"active","health":"healthy","interface":"wg0","listen_port":51820,
       "mtu":1420,"uptime_seconds":7300,"public_key":"PUB",
       "peers":{"total":2,"detail":[
         {"name":"core","endpoint":"192.0.2.1:51820","last_handshake_seconds":12,"latency_ms":3.25,"tx_bytes":2048,"rx_bytes":10,"state":"active"},
         {"public_key":"OTHER"}]}}
      """;

  @Test
  void showsNetworksWithTheirPeersInColumns() throws Exception {
    assertThat(report("{\"networks\":[" + ACTIVE + "]}").table(PLAIN))
        .contains("default: active, healthy, wg0, port 51820, MTU 1420, up 2 h", "  public key PUB")
        .containsPattern("core +192.0.2.1:51820 +12 s ago +3.[23] ms +2.0 KiB +10 B +active\n")
        .containsPattern("OTHER +- +never +- +- +- +-\n");
  }

  @Test
  void showsASingleNetworkAlike() throws Exception {
    assertThat(report(ACTIVE).table(PLAIN))
        .isEqualTo(report("{\"networks\":[" + ACTIVE + "]}").table(PLAIN));
  }

  @Test
  void anAgentWithoutNetworksIsHealthy() throws Exception {
    assertThat(report("{\"networks\":[]}").table(PLAIN)).isEqualTo("no networks\n");
    assertThat(report("{\"networks\":[]}").failures()).isEmpty();
  }

  @Test
  void failedNetworksAreNamedWithTheirReason() throws Exception {
    assertThat(report("{\"networks\":[" + ACTIVE + "]}").failures()).isEmpty();
    assertThat(
            report(
                    "{\"networks\":[{\"network\":\"a\",\"state\":\"error\",\"health\":\"failed\",\"health_reasons\":[\"no"
                        + " TUN\",\"no key\"]}]}")
                .failures())
        .containsExactly("network a is in state error, failed (no TUN; no key)");
    assertThat(report("{\"network\":\"b\",\"state\":\"active\",\"health\":\"failed\"}").failures())
        .hasSize(1);
  }
}
