package cloud.runbeam.wgagent.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the agent answers over HTTP, and what it refuses. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpSurfaceTest {
  private RunningAgent agent;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    agent =
        RunningAgent.start(
            directory, "[agent.http]\nbind_port = 0\nallowed_hosts = [\"metrics.example.com\"]\n");
  }

  @AfterAll
  void stop() {
    agent.close();
  }

  @Test
  void showsHealthAsOneDocument() throws Exception {
    HttpResponse<String> health = agent.get("/healthz");

    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/json");
    assertThat(health.body())
        .contains(
            "\"status\":",
            "\"network\":\"default\"",
            "\"state\":\"active\"",
            "\"interface\":\"wg0\"")
        .contains("\"name\":\"core\"", "\"total\":1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
  void answersActuatorsProbes(String path) throws Exception {
    HttpResponse<String> health = agent.get(path);

    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).contains("\"UP\"");
  }

  @Test
  void asksTunnelsForReadinessAndTheEngineForLiveness() throws Exception {
    assertThat(agent.get("/actuator/health/readiness").body()).contains("\"tunnels\"");
    assertThat(agent.get("/actuator/health/liveness").body())
        .contains("\"engine\"")
        .doesNotContain("\"tunnels\"");
  }

  @Test
  void failsProbesOfReadinessButNotOfLivenessWhenANetworkFailed(@TempDir Path directory)
      throws Exception {
    try (RunningAgent failing = RunningAgent.start(directory, "")) {
      failing.platform().deleteInterface("wg0");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> failing.get("/healthz").statusCode() == 503);

      assertThat(failing.get("/healthz").body())
          .contains("\"status\":\"failed\"", "was deleted by somebody else");
      assertThat(failing.get("/actuator/health/readiness").statusCode()).isEqualTo(503);
      assertThat(failing.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void servesMetricsUnderBothNames() throws Exception {
    HttpResponse<String> familiar = agent.get("/metrics");
    HttpResponse<String> actuator = agent.get("/actuator/prometheus");

    assertThat(familiar.statusCode()).isEqualTo(200);
    assertThat(familiar.headers().firstValue("Content-Type"))
        .isEqualTo(actuator.headers().firstValue("Content-Type"));
    assertThat(names(familiar)).containsAll(names(actuator)).isNotEmpty();
  }

  private static List<String> names(HttpResponse<String> scrape) {
    return scrape.body().lines().filter(line -> line.startsWith("# TYPE wg_agent_")).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/favicon.ico",
        "/error",
        "/actuator",
        "/actuator/env",
        "/actuator/heapdump",
        "/actuator/threaddump",
        "/actuator/shutdown",
        "/actuator/beans",
        "/actuator/configprops",
        "/actuator/loggers",
        "/actuator/logfile",
        "/actuator/mappings",
        "/actuator/metrics",
        "/actuator/prometheus/../env",
        "/actuator/;/heapdump",
        "/nothing%0d%0aSet-Cookie:x"
      })
  void showsNothingElseAndSaysNothingOfItsInside(String path) throws Exception {
    String reply = raw("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n");

    assertThat(reply).matches("(?s)HTTP/1.1 (40[04]|500) .*");
    assertRevealsNothing(reply);
    assertThat(reply).doesNotContain("Set-Cookie");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /healthz HTTP/1.1\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
        "GET /healthz<script> HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "GET /actuator/health?x=%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "G\u0001T /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "GET /healthz HTTP/9.9\r\nHost: 127.0.0.1\r\n",
        "nonsense\r\n"
      })
  void refusesMalformedRequestsWithoutATrace(String head) throws Exception {
    assertRevealsNothing(raw(head));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:9090",
        "localhost",
        "LOCALHOST:1",
        "[::1]:9090",
        "metrics.example.com:9090"
      })
  void answersUnderItsOwnNames(String host) throws Exception {
    assertThat(raw("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n")).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:9090",
        "localhost.evil.example",
        "127.0.0.1.evil.example"
      })
  void refusesANameThatSomebodyElsePointedHere(String host) throws Exception {
    for (String path : List.of("/healthz", "/metrics", "/actuator/health", "/nothing")) {
      String reply = raw("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");

      assertThat(reply).startsWith("HTTP/1.1 421").doesNotContain("evil", "wg0", "core");
    }
  }

  @Test
  void lendsNothingToPagesOfOthers() throws Exception {
    String foreign =
        raw("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\n");
    String opaque = raw("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: null\r\n");
    String preflight =
        raw("OPTIONS /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\n");

    assertThat(foreign).startsWith("HTTP/1.1 403");
    assertThat(opaque).startsWith("HTTP/1.1 403");
    assertThat(preflight).startsWith("HTTP/1.1 405");
    assertThat(foreign + opaque + preflight).doesNotContainIgnoringCase("Access-Control-Allow");
    assertThat(raw("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"))
        .doesNotContainIgnoringCase("Access-Control-Allow")
        .contains("X-Content-Type-Options: nosniff", "Cache-Control: no-store");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"})
  void takesNoOtherMethod(String method) throws Exception {
    for (String path : List.of("/healthz", "/metrics", "/actuator/health", "/actuator/shutdown")) {
      assertThat(raw(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n"))
          .as("%s %s", method, path)
          .startsWith("HTTP/1.1 405");
    }
  }

  private static void assertRevealsNothing(String reply) {
    assertThat(reply)
        .doesNotContainIgnoringCase("exception")
        .doesNotContainIgnoringCase("tomcat")
        .doesNotContainIgnoringCase("spring")
        .doesNotContainIgnoringCase("whitelabel")
        .doesNotContain("\tat ", "java.", "<script>");
  }

  /** Sends a request as it stands, and closes. */
  private String raw(String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), agent.port())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write((head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
