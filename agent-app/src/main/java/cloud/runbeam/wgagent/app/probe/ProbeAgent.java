package cloud.runbeam.wgagent.app.probe;

import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.platform.api.Echoes;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes round all peers that have {@code probe}, one after the other, and lowers the MTU of the
 * routes to those behind a black hole. {@link #pass} is one round; whoever calls it owns the thread
 * and the pace. Results may be read by any thread.
 */
public final class ProbeAgent implements ProbeResults {
  private static final Logger log = LoggerFactory.getLogger(ProbeAgent.class);

  /** A tunnel around the world and back takes half of this. */
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private static final Duration PACE = Duration.ofSeconds(5);

  /** While users suffer from a black hole. */
  private static final Duration SEARCH_PACE = Duration.ofMillis(500);

  private final Supplier<List<NetworkStatus>> networks;
  private final Echoes echoes;
  private final RouteMtus routes;
  private final MonotonicClock clock;
  private final Listener listener;
  private final Map<Target, Probed> probed = new ConcurrentHashMap<>();

  /**
   * Probes nothing by itself.
   *
   * @param listener hears of every change of a path's MTU
   */
  public ProbeAgent(
      Supplier<List<NetworkStatus>> networks,
      Echoes echoes,
      RouteTable routes,
      MonotonicClock clock,
      Listener listener) {
    this.networks = networks;
    this.echoes = echoes;
    this.routes = new RouteMtus(routes);
    this.clock = clock;
    this.listener = listener;
  }

  @Override
  public Optional<ProbeResult> of(String network, PublicKey peer) {
    return Optional.ofNullable(probed.get(new Target(network, peer)))
        .flatMap(found -> Optional.ofNullable(found.result));
  }

  /** Whether any peer of an active network is to be probed. */
  public boolean hasWork() {
    return networks.get().stream()
        .filter(ProbeAgent::isProbable)
        .anyMatch(network ->
            network.config().peers().stream().anyMatch(peer -> peer.probe().isPresent()));
  }

  private static boolean isProbable(NetworkStatus network) {
    return network.state() == TunnelState.ACTIVE && network.device().isPresent();
  }

  /**
   * One round; takes up to two seconds for each peer that does not answer. One thread.
   *
   * @return how long to wait before the next
   */
  public Duration pass() {
    Set<Target> seen = new HashSet<>();
    for (NetworkStatus network : networks.get()) {
      if (!isProbable(network)) {
        continue;
      }
      for (PeerConfig peer : network.config().peers()) {
        if (peer.probe().isPresent() && !Thread.currentThread().isInterrupted()) {
          Target target = new Target(network.name(), peer.publicKey());
          seen.add(target);
          probe(target, network, peer, peer.probe().get());
        }
      }
    }
    probed.keySet().retainAll(seen);
    return probed.values().stream().anyMatch(found -> found.probe.isSearching())
        ? SEARCH_PACE
        : PACE;
  }

  private void probe(Target target, NetworkStatus network, PeerConfig peer, IpPrefix address) {
    Probed state = probed.computeIfAbsent(target, _ -> new Probed(address.ipv6()));
    String interfaceName = network.interfaceName();
    ProbeResult result =
        state.probe.step(
            packetBytes -> echoes.ask(interfaceName, address, packetBytes, TIMEOUT),
            network.device().map(DeviceSnapshot::mtuBytes).orElse(0),
            clock.nowNs());
    state.result = result;
    int wanted = result.blackHole() ? result.pathMtuBytes().orElse(0) : 0;
    if (wanted != state.routeMtuBytes && result.pathMtuBytes().isPresent()) {
      state.routeMtuBytes = wanted;
      change(network, peer, wanted);
    }
  }

  private void change(NetworkStatus network, PeerConfig peer, int mtuBytes) {
    String effect;
    try {
      int changed = routes.set(network, peer, mtuBytes);
      effect = changed + " routes to it follow";
    } catch (PlatformException refused) {
      effect = "its routes do not follow: " + refused.getMessage();
    }
    if (mtuBytes == 0) {
      log.info(
          "network {}, peer {}: packets as long as the interface takes pass again; {}",
          network.name(),
          peer.name(),
          effect);
    } else {
      log.warn(
          "network {}, peer {}: packets longer than {} bytes are lost on the way; {}",
          network.name(),
          peer.name(),
          mtuBytes,
          effect);
    }
    listener.pathMtuChanged(network.name(), peer.name(), mtuBytes);
  }

  /** Hears what probing changed. */
  @FunctionalInterface
  public interface Listener {
    /**
     * The longest packet that passes to a peer is another one.
     *
     * @param mtuBytes in bytes; 0 for as long as the interface takes
     */
    void pathMtuChanged(String network, String peer, int mtuBytes);
  }

  /** Whom. */
  private record Target(String network, PublicKey peer) {}

  /** How far. */
  private static final class Probed {
    private final PeerProbe probe;

    // The probing thread's.
    private int routeMtuBytes;

    // Written by the probing thread, read by any.
    private volatile @Nullable ProbeResult result;

    Probed(boolean ipv6) {
      this.probe = new PeerProbe(ipv6);
    }
  }
}
