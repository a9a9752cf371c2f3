package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.status.ClockSnapshot;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * What {@code /actuator/health} and its readiness group say about the tunnels. Down only if a
 * network has failed: one with a silent peer still serves the others. Out of service while one is
 * being brought up.
 */
public final class TunnelHealthIndicator implements HealthIndicator {
  private final AgentCheckup checkup;
  private final Supplier<ClockSnapshot> clock;

  /** An indicator that asks {@code checkup} and {@code clock} each time. */
  public TunnelHealthIndicator(AgentCheckup checkup, Supplier<ClockSnapshot> clock) {
    this.checkup = checkup;
    this.clock = clock;
  }

  @Override
  public Health health() {
    AgentHealth health = checkup.look();
    Map<String, Object> networks = new LinkedHashMap<>();
    boolean starting = false;
    for (AgentHealth.OfNetwork network : health.networks()) {
      starting |= network.status().state() == TunnelState.STARTING;
      networks.put(network.status().name(), HealthDocument.network(network));
    }
    Health.Builder status =
        health.verdict() == Verdict.FAILED
            ? Health.down()
            : starting ? Health.outOfService() : Health.up();
    return status
        .withDetail("health", health.verdict().code())
        .withDetail("reasons", health.reasons())
        .withDetail("networks", networks)
        .withDetail("clock", details(clock.get()))
        .build();
  }

  /** A clock that jumps breaks no tunnel of ours, but explains what others may see. */
  private static Map<String, Object> details(ClockSnapshot clock) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("jumps", clock.jumps());
    clock.lastJump().ifPresent(jump -> details.put("last_jump_seconds", jump.toSeconds()));
    clock.problem().ifPresent(problem -> details.put("problem", problem));
    return details;
  }
}
