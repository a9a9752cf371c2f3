package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.tunnel.DeviceSockets;
import cloud.runbeam.wgagent.app.tunnel.FakePlatform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** The whole application on a machine in memory, for tests that only talk to its socket. */
public final class TestAgent implements AutoCloseable {
  private final Path directory;
  private final FakePlatform platform;
  private final ConfigurableApplicationContext context;

  private TestAgent(Path directory, FakePlatform platform, ConfigurableApplicationContext context) {
    this.directory = directory;
    this.platform = platform;
    this.context = context;
  }

  /**
   * Starts an agent that keeps everything in {@code directory}: the key files {@code private.key}
   * and {@code runbeam.psk}, the configuration file, the socket and the state.
   *
   * @param networks what follows {@code [agent]} in the file
   */
  public static TestAgent start(Path directory, String networks) throws IOException {
    return start(directory, "", networks, new FakePlatform());
  }

  /**
   * As {@link #start(Path, String)}.
   *
   * @param control what follows in {@code [agent.control]}
   * @param platform the machine
   */
  public static TestAgent start(
      Path directory, String control, String networks, FakePlatform platform) throws IOException {
    KeyFixtures.write(
        directory.resolve("private.key"), KeyFixtures.base64("test key own"), "rw-------");
    KeyFixtures.write(
        directory.resolve("runbeam.psk"), KeyFixtures.base64("test key psk"), "rw-------");
    Path file = directory.resolve("config.toml");
    Files.writeString(
        file,
        """
        [agent]
        state_dir = "%1$s/state"
        [agent.control]
        socket = "%1$s/run/control.sock"
        key_dirs = ["%1$s/keys"]
        %3$s
        [agent.http]
        bind_port = 0
        %2$s
        """
            .formatted(directory, networks, control));
    AgentConfig config =
        switch (new ConfigLoader(Map.of()).load(file)) {
          case ConfigResult.Loaded loaded -> loaded.config();
          case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.problems());
        };
    SpringApplication application = AgentApplication.application(config);
    application.addInitializers(
        context -> context.getBeanFactory().registerSingleton("fakePlatform", platform));
    application.addPrimarySources(List.of(NoSockets.class));
    return new TestAgent(directory, platform, application.run(AgentApplication.arguments(config)));
  }

  /** The control socket. */
  public Path socket() {
    return directory.resolve("run/control.sock");
  }

  /** The state directory. */
  public Path state() {
    return directory.resolve("state");
  }

  /** The machine. */
  public FakePlatform platform() {
    return platform;
  }

  /** A bean of the application. */
  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** All beans of a type. */
  public <T> List<T> beans(Class<T> type) {
    return List.copyOf(context.getBeansOfType(type).values());
  }

  @Override
  public void close() {
    context.close();
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
