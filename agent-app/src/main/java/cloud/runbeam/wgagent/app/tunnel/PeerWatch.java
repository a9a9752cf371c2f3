package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.logging.NetworkLog;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.platform.api.NetworkChange;
import cloud.runbeam.wgagent.platform.api.NetworkChange.Kind;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Looks after the peers of one network that is up, about once a second:
 *
 * <pre>
 *   1  answers of the resolver come in; what is due is asked for
 *   2  each peer: handshakes and moves since the last look become events;
 *      one that does not answer is called at its next endpoint;
 *      after news of this machine's network, one whose endpoint has no route is called at another,
 *      and one to whom the way is another now is called at once
 *   3  the MTU follows
 * </pre>
 *
 * <p>A look takes some microseconds a peer (9,000 peers: 41 to 73 ms, measured on a busy machine of
 * two cores). A network of thousands is therefore looked at less often, at least every {@value
 * #LONGEST_INTERVAL_SECONDS} s, unless somebody listens to what is seen. Under the network's lock.
 */
final class PeerWatch {
  static final long LONGEST_INTERVAL_SECONDS = 5;

  private static final int PEERS_PER_SECOND = 2_000;
  private static final long SECOND_NS = 1_000_000_000L;

  /** Half a second early is in time: whoever calls does so about once a second. */
  private static final long TOLERANCE_NS = SECOND_NS / 2;

  /** Ways to learn in one look, so that a network of thousands does not hold up anybody. */
  private static final int WAYS_PER_LOOK = 64;

  private final Logger log;
  private final RunningNetwork network;
  private final Teller teller;
  private final Map<PublicKey, Watched> watched = new HashMap<>();
  private long nextLookNs;

  /**
   * A watch that has not looked yet.
   *
   * @param teller hears what it sees
   */
  PeerWatch(RunningNetwork network, Teller teller, long nowNs) {
    this.log = NetworkLog.of(network.config().name());
    this.network = network;
    this.teller = teller;
    this.nextLookNs = nowNs;
  }

  boolean isOf(RunningNetwork other) {
    return network == other;
  }

  /**
   * Looks, if it is time to or if there is a reason to.
   *
   * @param news what changed in this machine's network since the last call, if anything did
   */
  void look(Optional<NetworkChange> news, long nowNs) {
    PeerEndpoints endpoints = network.endpoints();
    if (news.isPresent()) {
      endpoints.forgetFailures();
    }
    boolean answered = endpoints.collect(nowNs);
    endpoints.ask(nowNs);
    if (!answered && news.isEmpty() && nextLookNs - nowNs > TOLERANCE_NS) {
      return;
    }
    List<PeerSnapshot> peers = network.device().snapshot().peers();
    long seconds = Math.clamp(peers.size() / PEERS_PER_SECOND, 1, LONGEST_INTERVAL_SECONDS);
    nextLookNs = nowNs + (teller.isHeard() ? 1 : seconds) * SECOND_NS;
    Round round = new Round(endpoints, answered, news, nowNs);
    for (PeerSnapshot peer : peers) {
      round.look(peer);
    }
    if (watched.size() > peers.size()) {
      watched.keySet().retainAll(Set.copyOf(peers.stream().map(PeerSnapshot::publicKey).toList()));
    }
    round.tellProblems();
    if (round.moved || news.isPresent()) {
      network.followEndpoints();
    }
  }

  /** One look at all peers. */
  private final class Round {
    private final PeerEndpoints endpoints;
    private final boolean answered;
    private final Optional<NetworkChange> news;
    private final long nowNs;
    private int waysLeft = WAYS_PER_LOOK;
    private boolean moved;
    private @Nullable Map<PublicKey, String> names;

    Round(PeerEndpoints endpoints, boolean answered, Optional<NetworkChange> news, long nowNs) {
      this.endpoints = endpoints;
      this.answered = answered;
      this.news = news;
      this.nowNs = nowNs;
    }

    void look(PeerSnapshot peer) {
      Watched seen = watched.get(peer.publicKey());
      if (seen == null) {
        seen = new Watched(peer);
        watched.put(peer.publicKey(), seen);
      }
      Endpoint endpoint = peer.endpoint().map(Endpoint::withoutSource).orElse(null);
      if (endpoint != null && !endpoint.sameRemote(seen.endpoint)) {
        tellEndpoint(peer.publicKey(), seen.endpoint, endpoint, "roamed");
        seen.endpoint = endpoint;
      }
      if (seen.calls.observe(peer, nowNs)) {
        tellHandshake(peer);
      }
      Optional<PeerRoute> route = endpoints.route(peer.publicKey());
      if (route.isPresent()) {
        correct(route.get(), peer, seen);
        followWay(route.get(), peer, seen.endpoint);
      }
    }

    /** Calls the peer elsewhere if there is a reason to. */
    private void correct(PeerRoute route, PeerSnapshot peer, Watched seen) {
      Endpoint current = seen.endpoint;
      String reason;
      if (current == null || route.chosen().isEmpty()) {
        if (!answered) {
          return;
        }
        reason = "resolved";
      } else if (seen.calls.isOverdue(nowNs)) {
        route.failed(current, nowNs);
        seen.calls.beginAnew(nowNs);
        reason = "no answer";
      } else if (answered && route.isFailing()) {
        reason = "no answer";
      } else if (news.isPresent() && endpoints.pathMtu(current).isEmpty()) {
        reason = "no route";
      } else {
        return;
      }
      Optional<Endpoint> next = endpoints.choose(route, nowNs);
      if (next.isPresent() && !next.get().sameRemote(current)) {
        move(peer, seen, next.get(), reason);
      }
    }

    private void move(PeerSnapshot peer, Watched seen, Endpoint next, String reason) {
      PublicKey key = peer.publicKey();
      try {
        network.device().apply(EngineChanges.endpoint(key, next));
        if (news.isPresent() || peer.persistentKeepaliveSeconds() > 0) {
          network.device().handshakeNow(key);
        }
      } catch (DeviceException ending) {
        log.debug("peer {} stays where it is: {}", nameOf(key), ending.getMessage());
        return;
      }
      log.info(
          "network {}: peer {} is called at {} now ({})",
          network.config().name(),
          nameOf(key),
          next,
          reason);
      tellEndpoint(key, seen.endpoint, next, reason);
      seen.endpoint = next;
      moved = true;
    }

    /** Calls the peer at once if packets to it take another way than before. */
    private void followWay(PeerRoute route, PeerSnapshot peer, @Nullable Endpoint endpoint) {
      boolean learning = news.isEmpty() && !route.isWayKnown() && waysLeft > 0;
      if (endpoint == null || (news.isEmpty() && !learning)) {
        return;
      }
      waysLeft--;
      Optional<String> way = endpoints.way(endpoint);
      boolean changed = way.isEmpty() || route.takes(way.get());
      boolean awoken = news.filter(Round::isAwakening).isPresent();
      if (news.isEmpty() || !(changed || awoken)) {
        return;
      }
      try {
        network.device().handshakeNow(peer.publicKey());
      } catch (DeviceException ending) {
        log.debug("peer {} is not called: {}", nameOf(peer.publicKey()), ending.getMessage());
      }
    }

    private static boolean isAwakening(NetworkChange change) {
      return change.kinds().contains(Kind.RESUMED) || change.kinds().contains(Kind.LOST);
    }

    void tellProblems() {
      if (!answered) {
        return;
      }
      for (PeerRoute route : endpoints.publishProblems()) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("reason", route.problem().orElse(""));
        teller.tell(Topic.ENDPOINT, route.peer().name(), data);
      }
    }

    private void tellHandshake(PeerSnapshot peer) {
      Map<String, Object> data = new LinkedHashMap<>();
      peer.endpoint().ifPresent(endpoint -> data.put("endpoint", endpoint.toString()));
      data.put("completed", peer.handshakesCompleted());
      peer.handshakeRoundTrip().ifPresent(time -> data.put("round_trip_ms", time.toNanos() / 1e6));
      teller.tell(Topic.HANDSHAKE, nameOf(peer.publicKey()), data);
    }

    private void tellEndpoint(PublicKey peer, @Nullable Endpoint from, Endpoint to, String reason) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("endpoint", to.toString());
      if (from != null) {
        data.put("previous", from.toString());
      }
      data.put("reason", reason);
      teller.tell(Topic.ENDPOINT, nameOf(peer), data);
    }

    private String nameOf(PublicKey peer) {
      Map<PublicKey, String> known = names;
      if (known == null) {
        known = new HashMap<>();
        for (PeerConfig configured : network.config().peers()) {
          known.put(configured.publicKey(), configured.name());
        }
        names = known;
      }
      String name = known.get(peer);
      return name == null ? peer.toBase64() : name;
    }
  }

  /** What was seen of one peer. */
  private static final class Watched {
    private final PeerCalls calls = new PeerCalls(0, 0);
    private @Nullable Endpoint endpoint;

    Watched(PeerSnapshot peer) {
      endpoint = peer.endpoint().map(Endpoint::withoutSource).orElse(null);
    }
  }

  /** Passes on what is seen. */
  interface Teller {
    void tell(Topic topic, String peer, Map<String, Object> data);

    /** Whether anybody listens to handshakes or endpoints. */
    boolean isHeard();
  }
}
