package cloud.runbeam.wgagent.app.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Short runs of iperf3 from one host to a server on the other. */
final class Iperf {
  private static final String SECONDS = "1";
  private static final JsonMapper JSON = new JsonMapper();

  private final TunnelEnd client;
  private final TunnelEnd server;

  /** Starts the server and waits until it listens. */
  Iperf(TunnelEnd client, TunnelEnd server) {
    this.client = client;
    this.server = server;
    client.pair().start(server.namespace(), "iperf3", "-s");
    await("iperf3 server")
        .atMost(NetnsPair.PATIENCE)
        .until(() -> server.run("ss", "-Hltn", "sport = :5201").contains("5201"));
  }

  /** One TCP stream; {@code reverse} sends from server to client. */
  void tcp(boolean ipv6, boolean reverse) {
    JsonNode end = run(ipv6, reverse);
    assertThat(end.at("/sum_received/bytes").asLong()).as("TCP bytes received").isPositive();
  }

  /**
   * 4 Mbit/s of datagrams that fit the tunnel. Most must arrive; not nearly all, because iperf3's
   * own socket buffer holds a tenth of a second's worth and the machine may be busy.
   */
  void udp(boolean ipv6, boolean reverse) {
    JsonNode sum = run(ipv6, reverse, "-u", "-b", "4M", "-l", "1200").at("/sum");
    assertThat(sum.at("/packets").asLong()).as("datagrams").isGreaterThan(100);
    assertThat(sum.at("/lost_percent").asDouble()).as("percent lost").isLessThan(25);
  }

  private JsonNode run(boolean ipv6, boolean reverse, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of("iperf3", "-J", "-t", SECONDS, "-c", ipv6 ? server.ipv6() : server.ipv4()));
    if (reverse) {
      command.add("-R");
    }
    command.addAll(List.of(more));
    JsonNode report = JSON.readTree(client.run(command.toArray(String[]::new)));
    assertThat(report.has("error")).as(report.toString()).isFalse();
    return report.get("end");
  }
}
