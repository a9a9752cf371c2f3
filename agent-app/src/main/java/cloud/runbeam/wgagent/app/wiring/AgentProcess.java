package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.ServiceNotifier;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * One run of the agent, from the checked configuration to the end of the process.
 *
 * <pre>
 *   tunnels, control socket (the agent's context) -> service manager is told READY
 *                                                 -> health and metrics (a context below it)
 * </pre>
 *
 * <p>Tunnels do not wait for the web server, and do not end because of it: where its port cannot be
 * had, that is said, and tried again.
 *
 * <p>{@link #run} belongs to the main thread; {@link #stop} may come from any other, at any time.
 */
final class AgentProcess {
  private static final Logger log = LoggerFactory.getLogger(AgentApplication.class);

  /** Between the first and the second attempt to serve HTTP; doubled from one to the next. */
  static final Duration FIRST_PAUSE = Duration.ofSeconds(5);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** By then compilers have done what a start makes them do. */
  private static final Duration SETTLED = Duration.ofSeconds(10);

  private final AgentConfig config;
  private final SpringApplication application;
  private final Duration firstPause;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** What is open or being opened, the latest first. */
  private final Deque<ConfigurableApplicationContext> contexts = new ConcurrentLinkedDeque<>();

  private Consumer<ConfigurableApplicationContext> whenReady = _ -> {};
  private volatile ServiceNotifier serviceManager = ServiceNotifier.NONE;

  /**
   * A run that has not begun.
   *
   * @param application from {@link AgentApplication#application}
   * @param firstPause {@link #FIRST_PAUSE}
   */
  AgentProcess(AgentConfig config, SpringApplication application, Duration firstPause) {
    this.config = config;
    this.application = application;
    this.firstPause = firstPause;
  }

  /** What to do once tunnels and the control socket are there; before {@link #run}. */
  void onReady(Consumer<ConfigurableApplicationContext> action) {
    whenReady = action;
  }

  /** Runs until {@link #stop}; the exit code is 1 if it could not start. */
  int run() throws InterruptedException {
    ConfigurableApplicationContext agent;
    try {
      application.addInitializers(contexts::push);
      agent = application.run(AgentApplication.arguments(config));
    } catch (RuntimeException failed) {
      // StartFailureReporter or Spring's own analyzers have said why.
      return 1;
    }
    PlatformPlugin platform = agent.getBean(PlatformPlugin.class);
    serviceManager = platform.serviceNotifier();
    log.info("running as {}", platform.privileges().posture());
    serviceManager.ready(config.networks().size() + " networks configured");
    whenReady.accept(agent);
    serveHttp(agent);
    if (!ending.await(SETTLED.toMillis(), TimeUnit.MILLISECONDS)) {
      giveBackMemory(platform);
    }
    ended.await();
    return 0;
  }

  /**
   * What a start needs and a tunnel does not: garbage, then pages of the JVM and of the class
   * archive. The C library's heap is trimmed by the JVM ({@code -XX:TrimNativeHeapInterval}).
   */
  private static void giveBackMemory(PlatformPlugin platform) {
    System.gc();
    long bytes = platform.processMemory().giveBack();
    log.debug("gave back up to {} MB of file pages", bytes >> 20);
  }

  /** Starts the web server, as often as it takes. */
  private void serveHttp(ConfigurableApplicationContext agent) throws InterruptedException {
    String said = "";
    Duration pause = firstPause;
    do {
      Optional<String> problem = tryHttp(agent);
      if (problem.isEmpty()) {
        return;
      }
      if (!said.equals(problem.get())) {
        said = problem.get();
        log.error(
            "health and metrics are not served, trying again; tunnels do not need them: {}", said);
        serviceManager.status("no health and metrics: " + said);
      }
      contexts.removeIf(context -> context != agent);
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    } while (!ending.await(pause.toMillis(), TimeUnit.MILLISECONDS));
  }

  private Optional<String> tryHttp(ConfigurableApplicationContext agent) {
    SpringApplication http = AgentApplication.httpApplication(config, agent);
    http.addInitializers(contexts::push);
    try {
      String address = AgentApplication.httpAddress(http.run(AgentApplication.arguments(config)));
      log.info("ready; health and metrics are at http://{}/healthz and /metrics", address);
      serviceManager.status(
          config.networks().size() + " networks configured, listening at " + address);
      return Optional.empty();
    } catch (RuntimeException failed) {
      return Optional.of(
          StartFailureReporter.reason(failed)
              .orElseGet(() -> StartFailureReporter.rootMessage(failed)));
    }
  }

  /** Ends what runs, in reverse, and returns when that is done. Any thread, once. */
  void stop() {
    ending.countDown();
    serviceManager.stopping();
    contexts.forEach(ConfigurableApplicationContext::close);
    ended.countDown();
  }
}
