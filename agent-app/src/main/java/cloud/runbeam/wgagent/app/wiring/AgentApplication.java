package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.app.logging.JournalStream;
import cloud.runbeam.wgagent.app.logging.LogCounts;
import cloud.runbeam.wgagent.app.logging.LogSetup;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.ParentContextApplicationContextInitializer;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The agent in the foreground.
 *
 * <pre>
 *   read and check the configuration -> tunnels -> control socket -> health and metrics -> ready
 * </pre>
 *
 * <p>What fails on the way is said in one message, everything before it is undone in reverse, and
 * the exit code is 1. SIGTERM and SIGINT end it the same way, without the message.
 */
public final class AgentApplication {
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
   * @param ephemeral whether to end with the last tunnel, or when the other end of standard input
   *     is closed
   * @return the exit code: 0 after an orderly end, 1 if the agent could not start
   */
  public int run(Optional<Path> file, boolean ephemeral) {
    Path path =
        file.or(() -> Optional.ofNullable(environment.get("WG_AGENT_CONFIG")).map(Path::of))
            .orElse(DEFAULT_CONFIG);
    ConfigLoader loader = new ConfigLoader(environment);
    try {
      RightsAtStart rights = new RightsAtStart(InstalledPlatform.find().privileges());
      rights.drop(() -> loader.settings(path));
      return switch (loader.load(path)) {
        case ConfigResult.Rejected rejected -> {
          rejected.problems().forEach(problems::println);
          yield 1;
        }
        case ConfigResult.Loaded loaded -> {
          rights.confine();
          yield run(loaded.config(), ephemeral);
        }
      };
    } catch (PlatformException refused) {
      problems.println("wg-agent: " + refused.getMessage());
      return 1;
    }
  }

  private static int run(AgentConfig config, boolean ephemeral) {
    askTheResolverAnew();
    AgentProcess process = new AgentProcess(config, application(config), AgentProcess.FIRST_PAUSE);
    // The end is the JVM's shutdown, so that it happens once, whoever asks for it.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(process::stop));
    // The JVM would end with 143 and 130; an end that was asked for is no failure.
    ProcessSignals.handle("TERM", () -> System.exit(0));
    ProcessSignals.handle("INT", () -> System.exit(0));
    if (ephemeral) {
      process.onReady(agent -> new Ephemeral(agent.getBean(TunnelService.class)).watch());
    }
    try {
      return process.run();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
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

  /** Tunnels and the control socket. Whoever runs it closes it. */
  static SpringApplication application(AgentConfig config) {
    SpringApplication application = new SpringApplication(AgentConfiguration.class);
    application.setWebApplicationType(WebApplicationType.NONE);
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
    return prepared(application, config);
  }

  /** Health and metrics of the agent in context {@code agent}. Whoever runs it closes it. */
  static SpringApplication httpApplication(
      AgentConfig config, ConfigurableApplicationContext agent) {
    SpringApplication application = new SpringApplication(HttpConfiguration.class);
    application.setWebApplicationType(WebApplicationType.SERVLET);
    application.addInitializers(new ParentContextApplicationContextInitializer(agent));
    // The log is the agent's; where this application fails, it must stay as it is.
    application.setListeners(
        application.getListeners().stream()
            .filter(listener -> !(listener instanceof LoggingApplicationListener))
            .toList());
    return prepared(application, config);
  }

  private static SpringApplication prepared(SpringApplication application, AgentConfig config) {
    application.setRegisterShutdownHook(false);
    application.addBootstrapRegistryInitializer(
        registry -> registry.register(AgentConfig.class, _ -> config));
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

  /** Where the web server of {@code context} listens. */
  static String httpAddress(ConfigurableApplicationContext context) {
    String host = context.getEnvironment().getProperty("server.address", "127.0.0.1");
    String port = context.getEnvironment().getProperty("local.server.port", "0");
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
