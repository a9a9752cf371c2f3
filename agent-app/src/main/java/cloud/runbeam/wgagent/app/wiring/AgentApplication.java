package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.logging.JournalStream;
import cloud.runbeam.wgagent.app.logging.LogCounts;
import cloud.runbeam.wgagent.app.logging.LogSetup;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.ServiceNotifier;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;

/**
 * The agent in the foreground.
 *
 * <pre>
 *   read and check the configuration -> Spring context -> tunnels -> control socket -> health and metrics -> ready
 * </pre>
 *
 * <p>What fails on the way is said in one message, everything before it is undone in reverse, and
 * the exit code is 1. SIGTERM and SIGINT end it the same way, without the message.
 */
public final class AgentApplication {
  private static final Logger log = LoggerFactory.getLogger(AgentApplication.class);

  private static final Path DEFAULT_CONFIG = Path.of("/etc/wg-agent/config.toml");

  private final Map<String, String> environment;
  private final PrintStream problems;

  /**
   * An agent that is not running yet.
   *
   * @param environment the process's variables
   * @param problems where problems of the configuration go, before there is a log
   */
  public AgentApplication(Map<String, String> environment, PrintStream problems) {
    this.environment = Map.copyOf(environment);
    this.problems = problems;
  }

  /**
   * Runs the agent until the process is told to end. One call per process.
   *
   * @param file the configuration; empty: {@code WG_AGENT_CONFIG}, otherwise {@code
   *     /etc/wg-agent/config.toml}
   * @return the exit code: 0 after an orderly end, 1 if the agent could not start
   */
  public int run(Optional<Path> file) {
    Path path =
        file.or(() -> Optional.ofNullable(environment.get("WG_AGENT_CONFIG")).map(Path::of))
            .orElse(DEFAULT_CONFIG);
    return switch (new ConfigLoader(environment).load(path)) {
      case ConfigResult.Rejected rejected -> {
        rejected.problems().forEach(problems::println);
        yield 1;
      }
      case ConfigResult.Loaded loaded -> run(loaded.config());
    };
  }

  private static int run(AgentConfig config) {
    askTheResolverAnew();
    CountDownLatch ending = new CountDownLatch(1);
    SpringApplication application = application(config, AgentConfiguration.class);
    application.addListeners(event -> {
      if (event instanceof ContextClosedEvent) {
        ending.countDown();
      }
    });
    try {
      ConfigurableApplicationContext context = application.run(arguments(config));
      log.info("ready; http://{} shows /healthz and /metrics", address(context));
      ServiceNotifier serviceManager = context.getBean(PlatformPlugin.class).serviceNotifier();
      serviceManager.ready(
          config.networks().size() + " networks configured, listening at " + address(context));
      ending.await();
      serviceManager.stopping();
      context.close(); // Waits for whoever began to close it.
      return 0;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (RuntimeException failed) {
      // StartFailureReporter or Spring's own analyzers have said why.
      return 1;
    }
  }

  /**
   * Java remembers addresses for 30 s and refusals for 10 s; whoever asks here has waited for a
   * reason already. Before the first name is looked up.
   */
  private static void askTheResolverAnew() {
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
    Security.setProperty("networkaddress.cache.stale.ttl", "0");
  }

  /** The Spring application for a configuration, with {@code sources} as its beans. */
  static SpringApplication application(AgentConfig config, Class<?>... sources) {
    SpringApplication application = new SpringApplication(sources);
    application.addBootstrapRegistryInitializer(
        registry -> registry.register(AgentConfig.class, _ -> config));
    LogCounts counts = new LogCounts();
    LogSetup log =
        new LogSetup(
            config.agent().log(),
            JournalStream.isStandardOutput(System.getenv()),
            version(),
            counts);
    application.addListeners(new LogLifecycle(log));
    application.addInitializers(context -> {
      context.getBeanFactory().registerSingleton("agentConfig", config);
      context.getBeanFactory().registerSingleton("logCounts", counts);
    });
    return application;
  }

  /**
   * Arguments for {@link SpringApplication#run}: where configuration comes from, so that nothing in
   * the working directory is read.
   */
  static String[] arguments(AgentConfig config) {
    List<String> arguments = new ArrayList<>();
    arguments.add(
        "--spring.config.location=classpath:/wg-agent.properties,"
            + TomlConfigDataLocationResolver.PREFIX);
    arguments.add("--spring.application.version=" + version());
    return arguments.toArray(String[]::new);
  }

  /** This release, as the build wrote it into the jar. */
  static String version() {
    return Optional.ofNullable(AgentApplication.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  private static String address(ConfigurableApplicationContext context) {
    String host = context.getEnvironment().getProperty("server.address", "127.0.0.1");
    String port = context.getEnvironment().getProperty("local.server.port", "0");
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
