package cloud.runbeam.wgagent.app.wiring;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;

/**
 * Says in one line why the agent did not start, where the reason is known; what is not known is a
 * fault and keeps its stack trace.
 */
final class StartFailureReporter implements SpringBootExceptionReporter, Ordered {
  private static final Logger log = LoggerFactory.getLogger(AgentApplication.class);

  private final boolean reportedByCaller;

  /** Made by Spring Boot for a context that does not start; null if it came to none. */
  StartFailureReporter(@Nullable ConfigurableApplicationContext context) {
    // What serves health and metrics is below another context: AgentProcess tries that again.
    this.reportedByCaller = context != null && context.getParent() != null;
  }

  @Override
  public boolean reportException(Throwable failure) {
    if (reportedByCaller) {
      return true;
    }
    Optional<String> reason = reason(failure);
    reason.ifPresent(text -> log.error("cannot start: {}", text));
    return reason.isPresent();
  }

  static Optional<String> reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case AgentStartException known -> {
          return Optional.of(String.valueOf(known.getMessage()));
        }
        case PortInUseException taken -> {
          return Optional.of(
              "TCP port "
                  + taken.getPort()
                  + " for health and metrics is taken: stop what listens there, or set bind_port"
                  + " in [agent.http]");
        }
        case BindException binding -> {
          return Optional.of(
              "setting "
                  + binding.getName()
                  + " cannot be used"
                  + Optional.ofNullable(Origin.from(binding.getProperty()))
                      .map(origin -> " (" + origin + ")")
                      .orElse("")
                  + ": "
                  + rootMessage(binding));
        }
        default -> {
          // Look at its cause.
        }
      }
    }
    return Optional.empty();
  }

  static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }
}
