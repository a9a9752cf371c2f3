package cloud.runbeam.wgagent.app.history;

import cloud.runbeam.wgagent.app.probe.ProbeResult;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The last hour of each peer's link: {@value #POINTS} points, one a minute, about a kilobyte for a
 * peer. Peers beyond the limit have none, and one that is removed loses its own; a network that is
 * down keeps what it had. Any thread.
 */
public final class LinkHistory {
  /** Points that are kept of a peer. */
  public static final int POINTS = 60;

  /** How often to call {@link #sample}. */
  public static final Duration INTERVAL = Duration.ofMinutes(1);

  private final int maxPeers;
  private final ProbeResults probes;
  private final Map<Link, Ring> rings = new LinkedHashMap<>();

  /**
   * A history without points.
   *
   * @param maxPeers peers that have one, over all networks
   * @param probes what probing found; a probe tells latency every minute, a handshake every two
   */
  public LinkHistory(int maxPeers, ProbeResults probes) {
    this.maxPeers = maxPeers;
    this.probes = probes;
  }

  /** Adds a point for each peer; to be called once every {@link #INTERVAL}. */
  public synchronized void sample(List<NetworkStatus> networks, Instant now) {
    for (NetworkStatus network : networks) {
      network
          .device()
          .ifPresent(device -> {
            Set<Link> present = HashSet.newHashSet(device.peers().size());
            for (PeerSnapshot peer : device.peers()) {
              Link link = new Link(network.name(), peer.publicKey());
              present.add(link);
              double probed = probed(link);
              Ring ring = rings.get(link);
              if (ring == null && rings.size() < maxPeers) {
                rings.put(link, new Ring(peer, probed, now));
              } else if (ring != null) {
                ring.add(peer, probed, now);
              }
            }
            rings
                .keySet()
                .removeIf(link -> link.network().equals(network.name()) && !present.contains(link));
          });
    }
    Set<String> known = HashSet.newHashSet(networks.size());
    networks.forEach(network -> known.add(network.name()));
    rings.keySet().removeIf(link -> !known.contains(link.network()));
  }

  /** Milliseconds; not a number where nothing was probed or answered. */
  private double probed(Link link) {
    return probes
        .of(link.network(), link.peer())
        .flatMap(ProbeResult::latency)
        .map(time -> time.toNanos() / 1e6)
        .orElse(Double.NaN);
  }

  /** The points of one peer, the oldest first; empty where it has none. */
  public synchronized List<HistoryPoint> of(String network, PublicKey peer) {
    Ring ring = rings.get(new Link(network, peer));
    return ring == null ? List.of() : ring.points();
  }

  private record Link(String network, PublicKey peer) {}

  /** The points of one peer, as arrays of numbers: 10,000 of them must not be 600,000 objects. */
  private static final class Ring {
    private final long[] atMillis = new long[POINTS];
    private final float[] latencyMs = new float[POINTS];
    private final float[] lossRatio = new float[POINTS];
    private final float[] txRate = new float[POINTS];
    private final float[] rxRate = new float[POINTS];
    private int count;
    private long lastTx;
    private long lastRx;
    private long lastCompleted;
    private Instant lastAt;

    /** Begins with a point without rates: there is nothing to compare with. */
    Ring(PeerSnapshot peer, double probedMs, Instant now) {
      lastAt = now;
      remember(peer, now);
      put(now, latency(peer, probedMs, 0), loss(peer), 0, 0);
    }

    void add(PeerSnapshot peer, double probedMs, Instant now) {
      double seconds = Math.max(1e-3, Duration.between(lastAt, now).toNanos() / 1e9);
      put(
          now,
          latency(peer, probedMs, lastCompleted),
          loss(peer),
          Math.max(0, peer.txBytes() - lastTx) / seconds,
          Math.max(0, peer.rxBytes() - lastRx) / seconds);
      remember(peer, now);
    }

    private void remember(PeerSnapshot peer, Instant now) {
      lastTx = peer.txBytes();
      lastRx = peer.rxBytes();
      lastCompleted = peer.handshakesCompleted();
      lastAt = now;
    }

    private void put(Instant now, double latency, double loss, double tx, double rx) {
      int slot = count++ % POINTS;
      atMillis[slot] = now.toEpochMilli();
      latencyMs[slot] = (float) latency;
      lossRatio[slot] = (float) loss;
      txRate[slot] = (float) tx;
      rxRate[slot] = (float) rx;
    }

    private static double latency(PeerSnapshot peer, double probedMs, long completedBefore) {
      if (!Double.isNaN(probedMs)) {
        return probedMs;
      }
      return peer.handshakesCompleted() > completedBefore
          ? peer.handshakeRoundTrip().map(time -> time.toNanos() / 1e6).orElse(Double.NaN)
          : Double.NaN;
    }

    private static double loss(PeerSnapshot peer) {
      return peer.quality().lossRatio().orElse(Double.NaN);
    }

    List<HistoryPoint> points() {
      List<HistoryPoint> points = new ArrayList<>();
      for (int i = Math.max(0, count - POINTS); i < count; i++) {
        int slot = i % POINTS;
        points.add(
            new HistoryPoint(
                Instant.ofEpochMilli(atMillis[slot]),
                known(latencyMs[slot]),
                known(lossRatio[slot]),
                txRate[slot],
                rxRate[slot]));
      }
      return points;
    }

    private static OptionalDouble known(float value) {
      return Float.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
  }
}
