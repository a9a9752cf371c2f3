package cloud.runbeam.wgagent.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.tunnel.DeviceSockets;
import cloud.runbeam.wgagent.app.tunnel.FakePlatform;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.PropertySource;

/** The whole application, on a machine in memory. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class AgentContextTest {
  @TempDir private Path directory;

  private final FakePlatform platform = new FakePlatform();

  @BeforeEach
  void writeKey() throws IOException {
    KeyFixtures.write(
        directory.resolve("own.key"), KeyFixtures.base64("test key own"), "rw-------");
  }

  @Test
  void servesTunnelsControlHealthAndMetrics(CapturedOutput output) throws Exception {
    try (ConfigurableApplicationContext context = start(network())) {
      assertThat(platform.interfaceNames()).containsExactly("wg0");

      JsonObject status = (JsonObject) call("status", Map.of("network", JsonValue.of("default")));
      assertThat(status.text("state")).hasValue("active");
      assertThat(status.text("interface")).hasValue("wg0");
      assertThat(status.text("public_key")).hasValue(KeyFixtures.publicKey("test key own"));
      assertThat(status.integer("listen_port")).hasValue(51_820L);
      assertThat(status.object("peers").orElseThrow().integer("total")).hasValue(1L);
      assertThat(((JsonObject) call("status", Map.of())).objects("networks")).hasSize(1);
      assertThat(((JsonObject) call("ping", Map.of())).bool("pong")).hasValue(true);
      assertThat(((JsonObject) call("version", Map.of())).text("platform")).hasValue("fake");
      assertThat(
              ((JsonObject) call("list", Map.of())).objects("networks").getFirst().text("source"))
          .hasValue("file");

      assertThat(get(context, "/actuator/health").body())
          .contains("\"tunnels\"", "\"interface\":\"wg0\"", "\"core\"");
      assertThat(get(context, "/actuator/health/liveness").statusCode()).isEqualTo(200);
      assertThat(get(context, "/actuator/prometheus").body())
          .contains("wg_agent_network_up{interface=\"wg0\",network=\"default\"} 1.0")
          .contains(
              "wg_agent_peer_sent_bytes_total{interface=\"wg0\",network=\"default\",peer=\"core\"")
          .contains("jvm_memory_used_bytes");
    }
    assertThat(platform.isUntouched()).isTrue();
    assertThat(socket()).doesNotExist();
    assertThat(output.getAll()).doesNotContain("OTLP", "otlp", "4318", "Exception", "WARN");
  }

  @Test
  void hasNoExporterThatCouldSendAnything() throws Exception {
    try (ConfigurableApplicationContext context = start(network())) {
      assertThat(context.getBeanDefinitionNames())
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).contains("otlp"))
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).contains("opentelemetry"))
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).contains("shell"));
    }
  }

  @Test
  void logsJsonLinesWhenAsked(CapturedOutput output) throws Exception {
    try (ConfigurableApplicationContext _ = start(network() + "[agent.log]\nformat = \"json\"\n")) {
      assertThat(output.getOut().lines().filter(line -> line.contains("control socket is")))
          .singleElement()
          .asString()
          .startsWith("{")
          .contains("\"message\":\"control socket is " + socket() + "\"");
      assertThat(output.getOut().lines().filter(line -> line.contains("interface wg0 is up")))
          .singleElement()
          .asString()
          .contains("\"network\":{\"name\":\"default\"}");
    }
  }

  @Test
  void logsLessWhenAsked(CapturedOutput output) throws Exception {
    try (ConfigurableApplicationContext _ = start(network() + "[agent.log]\nlevel = \"error\"\n")) {
      assertThat(output.getOut()).doesNotContain("control socket is");
    }
  }

  @Test
  void exposesNothingElseOverHttp() throws Exception {
    try (ConfigurableApplicationContext context = start(network())) {
      for (String path :
          new String[] {
            "/",
            "/actuator",
            "/actuator/env",
            "/actuator/heapdump",
            "/actuator/shutdown",
            "/actuator/beans",
            "/actuator/configprops",
            "/actuator/metrics",
            "/actuator/loggers"
          }) {
        assertThat(get(context, path).statusCode()).as(path).isEqualTo(404);
      }
    }
  }

  @Test
  void connectsAndDisconnectsOnRequest() throws Exception {
    try (ConfigurableApplicationContext _ = start(network())) {
      Map<String, JsonValue> network = Map.of("network", JsonValue.of("default"));

      assertThat(call("disconnect", network).toJson())
          .isEqualTo("{\"network\":\"default\",\"state\":\"stopped\"}");
      assertThat(platform.interfaceNames()).isEmpty();
      assertRefused("invalid_state", () -> call("disconnect", network));
      assertThat(call("connect", network).toJson())
          .isEqualTo(
              "{\"network\":\"default\",\"state\":\"active\",\"interface\":\"wg0\",\"peers\":1}");
      assertRefused(
          "network_not_found", () -> call("connect", Map.of("network", JsonValue.of("other"))));
      assertRefused("parse_error", () -> call("connect", Map.of()));
      assertRefused("parse_error", () -> call("status", Map.of("netwrok", JsonValue.of("x"))));
      platform.refuse("tun");
      call("disconnect", network);
      assertRefused("platform_error", () -> call("connect", network));
    }
  }

  @Test
  void bindsTheAgentTableWithItsPlaceInTheFile() throws Exception {
    try (ConfigurableApplicationContext context = start(network())) {
      AgentSettings settings = context.getBean(AgentSettings.class);
      AgentConfig config = context.getBean(AgentConfig.class);

      assertThat(settings).isEqualTo(config.agent());
      PropertySource<?> source =
          context.getEnvironment().getPropertySources().stream()
              .filter(each -> each.getName().equals(config.file().toString()))
              .findFirst()
              .orElseThrow();
      assertThat(String.valueOf(OriginLookup.getOrigin(source, "wg.agent.control.socket")))
          .contains("config.toml")
          .endsWith("4:1");
    }
  }

  @Test
  void letsTheEnvironmentOverrideTheFileInSpringAsInTheLoader() throws Exception {
    // A system property stands in for the variable, which a test cannot set: both come before
    // files.
    System.setProperty("wg.agent.http.bind-address", "127.0.0.2");
    try (ConfigurableApplicationContext context = start(network())) {
      assertThat(context.getBean(AgentSettings.class).http().bindAddress()).isEqualTo("127.0.0.2");
      assertThat(context.getEnvironment().getProperty("server.address")).isEqualTo("127.0.0.2");
    } finally {
      System.clearProperty("wg.agent.http.bind-address");
    }
  }

  @Test
  void doesNotStartWhereTheInterfaceNameIsTaken(CapturedOutput output) {
    platform.addForeignInterface("wg0");

    assertFails(output, "cannot create interface wg0: an interface of that name exists");
    platform.deleteInterface("wg0");
  }

  @Test
  void doesNotStartWhereTheUdpPortIsTaken(CapturedOutput output) {
    platform.takePort(51_820);

    assertFails(output, "UDP port 51820");
  }

  @Test
  void doesNotStartWhereThePlatformIsUnusable(CapturedOutput output) {
    platform.setProbe(PlatformProbe.unusable("no /dev/net/tun: modprobe tun"));

    assertFails(output, "this machine cannot have a tunnel: no /dev/net/tun: modprobe tun");
  }

  @Test
  void doesNotStartWhereAKeyFileVanished(CapturedOutput output) throws Exception {
    AgentConfig config = load(network());
    Files.delete(directory.resolve("own.key"));

    assertThatThrownBy(() -> start(config).close()).isInstanceOf(RuntimeException.class);
    assertOneLine(output, "own.key does not exist");
  }

  @Test
  void keepsItsTunnelsWhereTheHttpPortIsTakenAndTriesAgain(CapturedOutput output) throws Exception {
    ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
    AgentConfig config =
        load(network().replace("bind_port = 0", "bind_port = " + other.getLocalPort()));
    AgentProcess process =
        new AgentProcess(config, application(config, platform), Duration.ofMillis(10));
    FutureTask<Integer> run = new FutureTask<>(process::run);
    Thread.ofPlatform().start(run);
    try (other) {
      await()
          .until(
              () -> output.getAll().contains("TCP port " + other.getLocalPort() + " for health"));
      assertThat(platform.interfaceNames()).containsExactly("wg0");
      assertThat(((JsonObject) call("ping", Map.of())).bool("pong")).hasValue(true);
    }

    await().until(() -> output.getAll().contains("INFO  ready; health and metrics are at"));

    process.stop();
    assertThat(run.get()).isZero();
    assertThat(platform.isUntouched()).isTrue();
    assertThat(socket()).doesNotExist();
    assertThat(output.getAll()).containsOnlyOnce("ERROR").doesNotContain("\tat ");
  }

  @Test
  void doesNotStartWhereAnotherAgentHasTheControlSocket(CapturedOutput output) throws Exception {
    FakePlatform otherMachine = new FakePlatform();
    try (ConfigurableApplicationContext _ = start(load(network()), otherMachine)) {
      String withAStateOfItsOwn = network().replace("/state\"", "/other-state\"");
      assertThatThrownBy(() -> start(withAStateOfItsOwn).close())
          .isInstanceOf(RuntimeException.class);

      assertThat(output.getAll()).contains("another agent answers on " + socket());
      assertThat(platform.isUntouched()).isTrue();
      assertThat(((JsonObject) call("ping", Map.of())).bool("pong")).hasValue(true);
    }
  }

  @Test
  void doesNotStartWhereAnotherAgentHasTheStateDirectory(CapturedOutput output) throws Exception {
    FakePlatform otherMachine = new FakePlatform();
    try (ConfigurableApplicationContext _ = start(load(network()), otherMachine)) {
      assertThatThrownBy(() -> start(network()).close()).isInstanceOf(RuntimeException.class);

      assertThat(output.getAll())
          .contains("ERROR cannot start: cannot use state directory " + directory.resolve("state"))
          .contains("process " + ProcessHandle.current().pid());
      assertThat(platform.done()).isEmpty();
      assertThat(otherMachine.interfaceNames()).containsExactly("wg0");
    }
  }

  private void assertFails(CapturedOutput output, String reason) {
    assertThatThrownBy(() -> start(network()).close()).isInstanceOf(RuntimeException.class);
    assertThat(platform.interfaceNames()).doesNotContain("wg1");
    assertThat(output.getAll()).contains("ERROR cannot start: ").contains(reason);
    assertThat(output.getAll()).doesNotContain("\tat ");
    assertThat(platform.openPorts()).isEmpty();
    assertThat(platform.installedRoutes()).isEmpty();
    assertThat(socket()).doesNotExist();
  }

  private void assertOneLine(CapturedOutput output, String reason) {
    assertThat(output.getAll()).contains("ERROR cannot start: ").contains(reason);
    assertThat(output.getAll()).doesNotContain("\tat ");
    assertThat(platform.isUntouched()).isTrue();
    assertThat(socket()).doesNotExist();
  }

  private static void assertRefused(String type, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ControlException.class, refused -> assertThat(refused.type()).isEqualTo(type));
  }

  private JsonValue call(String method, Map<String, JsonValue> params) throws ControlException {
    try (ControlClient client = ControlClient.connect(socket(), Duration.ofSeconds(30))) {
      return client.call(method, params);
    }
  }

  private static HttpResponse<String> get(ConfigurableApplicationContext context, String path)
      throws IOException, InterruptedException {
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private Path socket() {
    return directory.resolve("run/control.sock");
  }

  private String network() {
    return """
    [agent]
    state_dir = "%s"
    [agent.control]
    socket = "%s"
    [agent.http]
    bind_port = 0
    [network.default]
    interface = "wg0"
    address = "10.100.0.2/24"
    listen_port = 51820
    private_key_path = "own.key"
    [[network.default.peers]]
    name = "core"
    public_key = "%s"
    endpoint = "192.0.2.1:51820"
    allowed_ips = "10.42.0.0/16"
    """
        .formatted(directory.resolve("state"), socket(), KeyFixtures.publicKey("test key core"));
  }

  private ConfigurableApplicationContext start(String text) throws IOException {
    return start(load(text));
  }

  private ConfigurableApplicationContext start(AgentConfig config) {
    return start(config, platform);
  }

  /** The web server's context; closing it closes the agent's. */
  private static ConfigurableApplicationContext start(AgentConfig config, FakePlatform machine) {
    String[] arguments = AgentApplication.arguments(config);
    ConfigurableApplicationContext agent = application(config, machine).run(arguments);
    ConfigurableApplicationContext http =
        AgentApplication.httpApplication(config, agent).run(arguments);
    http.addApplicationListener(event -> {
      if (event instanceof ContextClosedEvent && event.getSource() == http) {
        agent.close();
      }
    });
    return http;
  }

  private static SpringApplication application(AgentConfig config, FakePlatform machine) {
    SpringApplication application = AgentApplication.application(config);
    application.addInitializers(
        context -> context.getBeanFactory().registerSingleton("fakePlatform", machine));
    application.addPrimarySources(List.of(NoSockets.class));
    return application;
  }

  private AgentConfig load(String text) throws IOException {
    Path file = directory.resolve("config.toml");
    Files.writeString(file, text);
    return switch (new ConfigLoader(Map.of()).load(file)) {
      case ConfigResult.Loaded loaded -> loaded.config();
      case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.problems());
    };
  }

  /** In place of sockets in /var/run/wireguard. */
  static class NoSockets {
    @Bean
    @Primary
    DeviceSockets noSockets() {
      return _ -> () -> {};
    }
  }
}
