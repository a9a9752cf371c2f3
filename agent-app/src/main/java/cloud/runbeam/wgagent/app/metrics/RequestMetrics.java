package cloud.runbeam.wgagent.app.metrics;

import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;

/**
 * Counts and times control requests, by method and by how they ended; both come from closed sets,
 * so that no caller can make up a series. Any thread.
 */
public final class RequestMetrics implements RequestObserver {
  /** As Micrometer knows it; {@code wg_agent_control_request_seconds} when scraped. */
  static final String REQUEST = "wg.agent.control.request";

  static final String REQUEST_HELP = "Control requests carried out, by method and outcome.";

  /** As Micrometer knows it; {@code wg_agent_control_refused_total} when scraped. */
  static final String REFUSED = "wg.agent.control.refused";

  static final String REFUSED_HELP =
      "Lines, requests and callers turned away before a method was asked, by reason.";

  /** Around what is promised: 5 ms aimed at, 100 ms at most, and what bringing up may take. */
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(20),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10)
  };

  private final MeterRegistry registry;

  /** Counts into {@code registry}. */
  public RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public Running begun(String method) {
    Timer.Sample sample = Timer.start(registry);
    return refusal ->
        sample.stop(
            Timer.builder(REQUEST)
                .description(REQUEST_HELP)
                .tag("method", method)
                .tag("outcome", refusal.map(RequestMetrics::code).orElse("ok"))
                .serviceLevelObjectives(BUCKETS)
                .register(registry));
  }

  @Override
  public void refused(ErrorType type) {
    Counter.builder(REFUSED)
        .description(REFUSED_HELP)
        .tag("reason", code(type))
        .register(registry)
        .increment();
  }

  private static String code(ErrorType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
