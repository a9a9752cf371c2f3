package cloud.runbeam.wgagent.app.tunnel;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which networks there are. Looking never waits; adding and removing wait only for each other,
 * never for a network that is being changed. Any thread.
 */
final class TunnelRegistry {
  private final TunnelPorts ports;
  private final Events events;
  private final ReentrantLock lock = new ReentrantLock();

  /** In the order in which they became known; swapped whole. */
  private volatile Map<String, Tunnel> tunnels = Map.of();

  TunnelRegistry(TunnelPorts ports, Events events) {
    this.ports = ports;
    this.events = events;
  }

  Collection<Tunnel> all() {
    return tunnels.values();
  }

  Optional<Tunnel> find(String network) {
    return Optional.ofNullable(tunnels.get(network));
  }

  /**
   * @throws TunnelException if there is none of that name
   */
  Tunnel get(String network) throws TunnelException {
    return find(network).orElseThrow(() -> notFound(network));
  }

  /** The tunnel of that name, made with {@code settings} if there is none. */
  Tunnel registered(Settings settings) {
    lock.lock();
    try {
      Tunnel known = tunnels.get(settings.config().name());
      if (known != null) {
        return known;
      }
      Tunnel tunnel = new Tunnel(settings, ports, events);
      Map<String, Tunnel> more = new LinkedHashMap<>(tunnels);
      more.put(tunnel.name(), tunnel);
      tunnels = Collections.unmodifiableMap(more);
      return tunnel;
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a network that is down. Under its lock. */
  void forget(Tunnel tunnel) {
    tunnel.forget();
    lock.lock();
    try {
      Map<String, Tunnel> left = new LinkedHashMap<>(tunnels);
      left.remove(tunnel.name(), tunnel);
      tunnels = Collections.unmodifiableMap(left);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Does something to a network while nobody else may.
   *
   * @throws TunnelException if there is none of that name, or as {@code work} does
   */
  <T> T locked(String network, Work<T> work) throws TunnelException {
    Tunnel tunnel = get(network);
    tunnel.lock().lock();
    try {
      if (tunnel.isForgotten()) {
        throw notFound(network);
      }
      return work.on(tunnel);
    } finally {
      tunnel.lock().unlock();
    }
  }

  /** The same for a network that is made with {@code settings} if there is none of that name. */
  <T> T lockedOrNew(Settings settings, Work<T> work) throws TunnelException {
    while (true) {
      Tunnel tunnel = registered(settings);
      tunnel.lock().lock();
      try {
        if (!tunnel.isForgotten()) {
          return work.on(tunnel);
        }
        // Forgotten while we waited: by now it can be made anew.
      } finally {
        tunnel.lock().unlock();
      }
    }
  }

  private static TunnelException notFound(String network) {
    return new TunnelException(TunnelException.Reason.NETWORK_NOT_FOUND, network);
  }

  /** Something to do under a network's lock. */
  @FunctionalInterface
  interface Work<T> {
    T on(Tunnel tunnel) throws TunnelException;
  }
}
