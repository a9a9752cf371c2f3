package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.AgentHealth.OfNetwork;
import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.logging.NetworkLog;
import cloud.runbeam.wgagent.app.tunnel.Topic;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import cloud.runbeam.wgagent.engine.io.WallClock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the health of everything now and then, and tells of what changed since: an event for
 * whoever listens, a line in the log for peers and the agent itself. (That a network failed or went
 * down has been logged by whoever did it.) One thread.
 */
public final class HealthWatch {
  private static final Logger log = LoggerFactory.getLogger(HealthWatch.class);

  private final AgentCheckup checkup;
  private final Consumer<TunnelEvent> teller;
  private final WallClock clock;

  private Map<String, Seen> before = Map.of();
  private Set<String> reasonsBefore = Set.of();

  /**
   * A watch that has not looked yet.
   *
   * @param checkup looks
   * @param teller hears of changes
   * @param clock tells when
   */
  public HealthWatch(AgentCheckup checkup, Consumer<TunnelEvent> teller, WallClock clock) {
    this.checkup = checkup;
    this.teller = teller;
    this.clock = clock;
  }

  /** Looks, tells of what changed, and returns what it saw. */
  public AgentHealth look() {
    AgentHealth health = checkup.look();
    Map<String, Seen> now = new HashMap<>();
    for (OfNetwork network : health.networks()) {
      Seen seen = Seen.of(network.health());
      now.put(network.status().name(), seen);
      compare(
          network.status().name(),
          before.getOrDefault(network.status().name(), Seen.NOTHING),
          seen);
    }
    before = now;
    compareReasons(health.reasons());
    return health;
  }

  private void compare(String network, Seen last, Seen now) {
    if (last.verdict() != now.verdict()) {
      tell(
          network,
          Optional.empty(),
          last.verdict().code(),
          now.verdict().code(),
          now.firstReason());
    }
    now.peers()
        .forEach((peer, reason) -> {
          if (!last.peers().containsKey(peer)) {
            NetworkLog.of(network).warn("network {}: peer {}: {}", network, peer, reason);
            tell(network, Optional.of(peer), "healthy", "degraded", reason);
          }
        });
    for (String peer : last.peers().keySet()) {
      if (!now.peers().containsKey(peer) && now.known().contains(peer)) {
        NetworkLog.of(network).info("network {}: peer {} is well again", network, peer);
        tell(network, Optional.of(peer), "degraded", "healthy", "");
      }
    }
  }

  private void compareReasons(List<String> reasons) {
    for (String reason : reasons) {
      if (!reasonsBefore.contains(reason)) {
        log.warn("{}", reason);
      }
    }
    reasonsBefore = Set.copyOf(reasons);
  }

  private void tell(String network, Optional<String> peer, String from, String to, String reason) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("from", from);
    data.put("to", to);
    if (!reason.isEmpty()) {
      data.put("reason", reason);
    }
    teller.accept(new TunnelEvent(Topic.HEALTH, network, peer, clock.now(), data));
  }

  /**
   * What was seen of a network.
   *
   * @param verdict of the network
   * @param firstReason why, if it is not healthy
   * @param peers those that are not healthy, with the reason
   * @param known every peer that is there
   */
  private record Seen(
      Verdict verdict, String firstReason, Map<String, String> peers, Set<String> known) {
    private static final Seen NOTHING = new Seen(Verdict.HEALTHY, "", Map.of(), Set.of());

    static Seen of(NetworkHealth health) {
      Map<String, String> unwell = new LinkedHashMap<>();
      Set<String> known = HashSet.newHashSet(health.peers().size());
      for (PeerHealth peer : health.peers()) {
        known.add(peer.name());
        if (!peer.healthy()) {
          unwell.put(peer.name(), peer.reason());
        }
      }
      return new Seen(
          health.verdict(),
          health.reasons().isEmpty() ? "" : health.reasons().getFirst(),
          unwell,
          known);
    }
  }
}
