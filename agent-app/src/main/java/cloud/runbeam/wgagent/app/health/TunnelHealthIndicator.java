package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.engine.status.ClockSnapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * What {@code /actuator/health} says about the tunnels. Down only if a network has failed: one with
 * a silent peer still serves the others.
 */
public final class TunnelHealthIndicator implements HealthIndicator {
  private final Supplier<List<NetworkStatus>> networks;
  private final HealthJudge judge;
  private final Supplier<ClockSnapshot> clock;

  /** An indicator that asks {@code networks} and {@code clock} each time. */
  public TunnelHealthIndicator(
      Supplier<List<NetworkStatus>> networks, HealthJudge judge, Supplier<ClockSnapshot> clock) {
    this.networks = networks;
    this.judge = judge;
    this.clock = clock;
  }

  @Override
  public Health health() {
    Map<String, Object> details = new LinkedHashMap<>();
    boolean failed = false;
    for (NetworkStatus network : networks.get()) {
      NetworkHealth health = judge.judge(network);
      failed |= health.verdict() == Verdict.FAILED;
      details.put(network.name(), details(network, health));
    }
    return (failed ? Health.down() : Health.up())
        .withDetail("networks", details)
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

  private static Map<String, Object> details(NetworkStatus network, NetworkHealth health) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("state", network.state().code());
    details.put("interface", network.interfaceName());
    details.put("health", health.verdict().code());
    if (!health.reasons().isEmpty()) {
      details.put("reasons", health.reasons());
    }
    Map<String, Object> peers = new LinkedHashMap<>();
    for (PeerHealth peer : health.peers()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("healthy", peer.healthy());
      one.put("active", peer.active());
      peer.handshakeAge().ifPresent(age -> one.put("last_handshake_seconds", age.toSeconds()));
      if (!peer.reason().isEmpty()) {
        one.put("reason", peer.reason());
      }
      peers.put(peer.name(), one);
    }
    details.put("peers", peers);
    return details;
  }
}
