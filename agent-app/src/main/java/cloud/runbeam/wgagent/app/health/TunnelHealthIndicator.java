package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
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

  /** An indicator that asks {@code networks} each time. */
  public TunnelHealthIndicator(Supplier<List<NetworkStatus>> networks, HealthJudge judge) {
    this.networks = networks;
    this.judge = judge;
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
    return (failed ? Health.down() : Health.up()).withDetail("networks", details).build();
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
