package cloud.runbeam.wgagent.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloud.runbeam.wgagent.client.ControlClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prometheus itself scrapes an agent, takes its alerts, and can answer the dashboard's questions.
 */
@Timeout(180)
final class PrometheusIT {
  private static final Path CONFIG = Path.of("..", "config").toAbsolutePath().normalize();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void scrapesAnAgentAndAnswersTheDashboard() throws Exception {
    try (RunningAgent agent = RunningAgent.start(directory, "")) {
      try (ControlClient client = ControlClient.connect(agent.socket(), PATIENCE)) {
        client.call("status", Map.of());
      }
      String server = "127.0.0.1:" + freePort();
      Process prometheus = start(server, agent.port());
      try {
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> result(server, "wg_agent_network_up").size() == 1);

        assertThat(result(server, "up{job=\"wg-agent\"} == 1")).hasSize(1);
        assertThat(result(server, "wg_network_state{network=\"default\"}")).hasSize(1);
        assertThat(
                result(
                    server,
                    "wg_agent_control_request_seconds_count{method=\"status\",outcome=\"ok\"} == 1"))
            .hasSize(1);
        for (String expression : dashboardExpressions()) {
          assertThat(ask(server, expression).at("/status").stringValue())
              .as(expression)
              .isEqualTo("success");
        }
        JsonNode rules = get(server, "/api/v1/rules");
        assertThat(rules.toString()).contains("WgPeerUnhealthy", "\"health\":\"ok\"");
        assertThat(rules.toString()).doesNotContain("\"health\":\"err\"");
      } finally {
        prometheus.destroy();
        assertThat(prometheus.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void findsNothingWrongWithRulesAndMetrics() throws Exception {
    assertThat(promtool(CONFIG.resolve("prometheus"), "check", "rules", "wg-agent.rules.yml"))
        .contains("SUCCESS");
    assertThat(promtool(CONFIG.resolve("prometheus"), "test", "rules", "wg-agent.rules.test.yml"))
        .contains("SUCCESS");
    try (RunningAgent agent =
        RunningAgent.start(directory, "[agent.metrics]\ncompatibility = false\n")) {
      Path scrape = directory.resolve("scrape");
      Files.writeString(
          scrape,
          agent
              .get("/metrics")
              .body()
              .lines()
              .filter(line -> line.contains("wg_agent_"))
              .map(line -> line + "\n")
              .reduce("", String::concat));
      ProcessBuilder check = new ProcessBuilder("promtool", "check", "metrics");
      check.redirectInput(scrape.toFile());
      assertThat(output(check)).isEmpty();
    }
  }

  private Process start(String server, int agentPort) throws IOException {
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global:
          scrape_interval: 1s
          evaluation_interval: 1s
        rule_files: ["%s"]
        scrape_configs:
          - job_name: wg-agent
            static_configs:
              - targets: ["127.0.0.1:%d"]
        """
            .formatted(CONFIG.resolve("prometheus/wg-agent.rules.yml"), agentPort));
    return new ProcessBuilder(
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + directory.resolve("data"),
            "--web.listen-address=" + server)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("prometheus.log").toFile())
        .start();
  }

  private static List<String> dashboardExpressions() throws IOException {
    JsonNode dashboard =
        JsonMapper.shared().readTree(CONFIG.resolve("grafana/wg-agent.json").toFile());
    List<String> expressions = new ArrayList<>();
    for (JsonNode panel : dashboard.at("/panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(
            target
                .path("expr")
                .stringValue()
                .replace("$__rate_interval", "5m")
                .replaceAll("\\$(instance|network|peer)", ".*"));
      }
    }
    assertThat(expressions).hasSizeGreaterThan(20);
    return expressions;
  }

  private JsonNode result(String server, String expression)
      throws IOException, InterruptedException {
    return ask(server, expression).at("/data/result");
  }

  private JsonNode ask(String server, String expression) throws IOException, InterruptedException {
    return get(
        server, "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
  }

  private JsonNode get(String server, String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + server + path)).build();
    return JsonMapper.shared()
        .readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  private static String promtool(Path in, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    return output(new ProcessBuilder(command).directory(in.toFile()));
  }

  private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
