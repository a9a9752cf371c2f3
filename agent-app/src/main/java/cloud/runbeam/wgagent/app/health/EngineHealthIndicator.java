package cloud.runbeam.wgagent.app.health;

import java.util.function.BooleanSupplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * What the liveness group asks: whether the engine's conductor runs. A network that failed is no
 * reason to restart the agent, an engine without its conductor is.
 */
public final class EngineHealthIndicator implements HealthIndicator {
  private final BooleanSupplier running;

  /** An indicator that asks {@code running} each time. */
  public EngineHealthIndicator(BooleanSupplier running) {
    this.running = running;
  }

  @Override
  public Health health() {
    return running.getAsBoolean()
        ? Health.up().build()
        : Health.down().withDetail("reason", "the engine has ended; restart the agent").build();
  }
}
