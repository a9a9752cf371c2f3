package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.tunnel.DeviceSockets;
import cloud.runbeam.wgagent.app.tunnel.FakePlatform;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * A whole agent on a machine in memory, with one network {@code default} on {@code wg0} and a peer
 * {@code core}, that has a private key "test key own" and a preshared key "test key shared".
 */
final class RunningAgent implements AutoCloseable {
  static final String PRIVATE_KEY = "test key own";
  static final String PRESHARED_KEY = "test key shared";

  private final ConfigurableApplicationContext agent;
  private final ConfigurableApplicationContext context;
  private final FakePlatform platform;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Path socket;

  private RunningAgent(
      ConfigurableApplicationContext agent,
      ConfigurableApplicationContext context,
      FakePlatform platform,
      Path socket) {
    this.agent = agent;
    this.context = context;
    this.platform = platform;
    this.socket = socket;
  }

  /** Starts it in {@code directory} with {@code agentTables} in its configuration. */
  static RunningAgent start(Path directory, String agentTables) throws IOException {
    KeyFixtures.write(directory.resolve("own.key"), KeyFixtures.base64(PRIVATE_KEY), "rw-------");
    KeyFixtures.write(directory.resolve("psk.key"), KeyFixtures.base64(PRESHARED_KEY), "rw-------");
    Path socket = directory.resolve("run/control.sock");
    Path file = directory.resolve("config.toml");
    Files.writeString(
        file,
        """
        [agent]
        state_dir = "%s"
        [agent.control]
        socket = "%s"
        %s
        [network.default]
        interface = "wg0"
        address = "10.100.0.2/24"
        listen_port = 51820
        private_key_path = "own.key"
        [[network.default.peers]]
        name = "core"
        public_key = "%s"
        preshared_key_path = "psk.key"
        endpoint = "192.0.2.1:51820"
        allowed_ips = "10.42.0.0/16"
        """
            .formatted(
                directory.resolve("state"),
                socket,
                agentTables.contains("[agent.http]")
                    ? agentTables
                    : "[agent.http]\nbind_port = 0\n" + agentTables,
                KeyFixtures.publicKey("test key core")));
    AgentConfig config =
        switch (new ConfigLoader(Map.of()).load(file)) {
          case ConfigResult.Loaded loaded -> loaded.config();
          case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.problems());
        };
    FakePlatform platform = new FakePlatform();
    SpringApplication application = AgentApplication.application(config);
    application.addInitializers(
        context -> context.getBeanFactory().registerSingleton("fakePlatform", platform));
    application.addPrimarySources(List.of(NoSockets.class));
    String[] arguments = AgentApplication.arguments(config);
    ConfigurableApplicationContext agent = application.run(arguments);
    return new RunningAgent(
        agent, AgentApplication.httpApplication(config, agent).run(arguments), platform, socket);
  }

  ConfigurableApplicationContext context() {
    return context;
  }

  FakePlatform platform() {
    return platform;
  }

  List<TunnelEvent> events() {
    return context.getBean(TunnelService.class).events().recent(1_000);
  }

  Path socket() {
    return socket;
  }

  int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    http.close();
    context.close();
    agent.close();
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
