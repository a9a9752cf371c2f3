package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.tunnel.TunnelException.Reason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * All networks of this agent. Decides what may happen and is the only one who makes it happen: one
 * thing at a time for one network, networks independent of each other. Any thread; {@link #status}
 * and {@link #plan} never wait.
 *
 * <pre>
 *   file ──reload──▶ ┌────────────┐ ◀──connect with settings, peer.set, reload with settings── API
 *                    │  Settings  │   of the API rule until the next reload of the file, those it
 *                    └─────┬──────┘   asked to keep always; of the file otherwise
 *                          ▼
 *                       Tunnel (one per name, one lock each)
 * </pre>
 */
public final class TunnelService {
  private final TunnelPorts ports;
  private final Events events = new Events();

  /** Guards adding to and removing from {@link #tunnels}; never held while a network changes. */
  private final ReentrantLock registry = new ReentrantLock();

  /** One reload of the file at a time, so that the later one wins as a whole. */
  private final ReentrantLock reloading = new ReentrantLock();

  private volatile Map<String, Tunnel> tunnels = Map.of();

  /** Knows the networks of the file; starts none. */
  public TunnelService(List<NetworkConfig> networks, TunnelPorts ports) {
    this.ports = ports;
    for (NetworkConfig network : networks) {
      registered(Settings.ofFile(network));
    }
  }

  // Looking.

  /** All networks: those of the file in its order, then those of the API. */
  public List<NetworkStatus> status() {
    return tunnels.values().stream().map(Tunnel::status).toList();
  }

  /** One network. */
  public Optional<NetworkStatus> status(String network) {
    return Optional.ofNullable(tunnels.get(network)).map(Tunnel::status);
  }

  /** What happens here, for whoever listens. */
  public Events events() {
    return events;
  }

  // Up and down.

  /**
   * Brings up every enabled network, in the order of the file. If one cannot be brought up, those
   * before are taken down again.
   *
   * @throws TunnelException saying which and why
   */
  public void connectAll() throws TunnelException {
    for (Tunnel tunnel : tunnels.values()) {
      if (!tunnel.settings().config().enabled()) {
        continue;
      }
      try {
        connect(tunnel.name());
      } catch (TunnelException refused) {
        disconnectAll();
        throw refused;
      }
    }
  }

  /** Takes down everything that is up, the last one first. */
  public void disconnectAll() {
    for (Tunnel tunnel : List.copyOf(tunnels.values()).reversed()) {
      tunnel.lock().lock();
      try {
        if (tunnel.state() == TunnelState.ACTIVE) {
          tunnel.stop();
        }
      } finally {
        tunnel.lock().unlock();
      }
    }
  }

  /**
   * Brings one network up.
   *
   * @throws TunnelException if there is none of that name, it is up already, or a step fails;
   *     nothing is left behind then
   */
  public NetworkStatus connect(String network) throws TunnelException {
    return locked(
        network,
        tunnel -> {
          requireStartable(tunnel);
          tunnel.start();
          return tunnel.status();
        });
  }

  /**
   * Brings up a network with these settings: a new one, or one that is down, whose settings they
   * replace. If it cannot be brought up, a network that was known keeps its former settings, and
   * one that was not stays listed with its failure.
   *
   * @param persist whether the settings are kept and used at the next start of the agent too
   * @throws TunnelException if it is up already, its interface or port is another network's, a step
   *     fails, or the settings cannot be kept
   */
  public NetworkStatus connect(NetworkConfig config, boolean persist) throws TunnelException {
    requireNoConflict(config);
    Tunnel tunnel = registered(new Settings(config, NetworkSource.API, false, false));
    tunnel.lock().lock();
    try {
      if (!tunnel.isForgotten()) {
        return connectWith(tunnel, config, persist);
      }
    } finally {
      tunnel.lock().unlock();
    }
    return connect(config, persist); // Forgotten between the two lines: it is a new one now.
  }

  private NetworkStatus connectWith(Tunnel tunnel, NetworkConfig config, boolean persist)
      throws TunnelException {
    requireStartable(tunnel);
    Settings before = tunnel.settings();
    boolean kept = persist || before.persistent();
    tunnel.settle(new Settings(config, NetworkSource.API, kept, before.inFile()));
    try {
      tunnel.start();
    } catch (TunnelException refused) {
      tunnel.settle(before);
      throw refused;
    }
    try {
      keep(tunnel);
    } catch (TunnelException refused) {
      tunnel.stop();
      tunnel.settle(before);
      throw refused;
    }
    return tunnel.status();
  }

  /**
   * Takes one network down. It stays listed, with its settings.
   *
   * @throws TunnelException if there is none of that name or it is not up
   */
  public NetworkStatus disconnect(String network) throws TunnelException {
    return locked(
        network,
        tunnel -> {
          if (tunnel.state() != TunnelState.ACTIVE) {
            throw invalidState(tunnel);
          }
          tunnel.stop();
          return tunnel.status();
        });
  }

  /**
   * Knows the network no longer, and keeps it no longer either: takes it down if it is up. A
   * network of the file comes back with the next reload.
   *
   * @throws TunnelException if there is none of that name, or what was kept cannot be removed
   */
  public void forget(String network) throws TunnelException {
    locked(
        network,
        tunnel -> {
          if (tunnel.settings().persistent()) {
            try {
              ports.store().forget(network);
            } catch (PlatformException refused) {
              throw new TunnelException(
                  Reason.PLATFORM, String.valueOf(refused.getMessage()), refused);
            }
          }
          drop(tunnel);
          return tunnel;
        });
  }

  // Changing.

  /**
   * What {@link #reload(List)} would do; networks that nothing happens to included.
   *
   * @throws TunnelException if a key cannot be read
   */
  public List<NetworkDiff> plan(List<NetworkConfig> wanted) throws TunnelException {
    List<NetworkDiff> diffs = new ArrayList<>();
    for (Tunnel tunnel : leaving(wanted)) {
      diffs.add(NetworkComparison.leaving(tunnel.settings().config()));
    }
    for (NetworkConfig config : wanted) {
      Tunnel tunnel = tunnels.get(config.name());
      if (tunnel == null) {
        diffs.add(NetworkComparison.appearing(config));
      } else {
        diffs.add(tunnel.plan(tunnel.settings().reloadedFrom(config), true));
      }
    }
    return diffs;
  }

  /**
   * What {@link #reload(NetworkConfig)} would do.
   *
   * @throws TunnelException if there is none of that name, or a key cannot be read
   */
  public NetworkDiff plan(NetworkConfig wanted) throws TunnelException {
    Tunnel tunnel = tunnels.get(wanted.name());
    if (tunnel == null) {
      throw notFound(wanted.name());
    }
    return tunnel.plan(tunnel.settings().replacedBy(wanted), false);
  }

  /**
   * Makes the networks of the file what they are in {@code wanted}: those that are new there are
   * brought up, those that are gone taken down and forgotten, the others changed live. Each is
   * changed whole or not at all; one that fails keeps none of the others. A network that was taken
   * down on request stays down.
   *
   * @return what happened to each, networks that nothing happened to included
   * @throws TunnelException naming each network that failed and the step
   */
  public List<NetworkDiff> reload(List<NetworkConfig> wanted) throws TunnelException {
    reloading.lock();
    try {
      Outcomes outcomes = new Outcomes(ports.background());
      for (Tunnel tunnel : leaving(wanted)) {
        outcomes.begin(tunnel.name(), () -> leave(tunnel));
      }
      outcomes.await(); // What goes makes room for what comes.
      for (NetworkConfig config : wanted) {
        outcomes.begin(config.name(), () -> reloadFromFile(config));
      }
      outcomes.await();
      return outcomes.diffs();
    } finally {
      reloading.unlock();
    }
  }

  /**
   * Makes one network what the file says; otherwise as {@link #reload(List)}.
   *
   * @throws TunnelException if a step fails; the former settings are in force then
   */
  public NetworkDiff reloadFromFile(NetworkConfig wanted) throws TunnelException {
    Tunnel tunnel = tunnels.get(wanted.name());
    boolean isNew = tunnel == null;
    if (tunnel == null) {
      tunnel = registered(Settings.ofFile(wanted));
    }
    tunnel.lock().lock();
    try {
      if (!tunnel.isForgotten()) {
        NetworkDiff diff = tunnel.change(tunnel.settings().reloadedFrom(wanted), true);
        return isNew ? NetworkComparison.appearing(wanted) : diff;
      }
    } finally {
      tunnel.lock().unlock();
    }
    return reloadFromFile(wanted); // Forgotten between the two lines: it is a new one now.
  }

  /**
   * Gives one network other settings, live where it is up; whole or not at all. They rule until the
   * next reload of the file, or for good where the network's settings are kept.
   *
   * @throws TunnelException if there is none of that name or a step fails; the former settings are
   *     in force then
   */
  public NetworkDiff reload(NetworkConfig wanted) throws TunnelException {
    requireNoConflict(wanted);
    return locked(wanted.name(), tunnel -> replace(tunnel, wanted));
  }

  /**
   * Adds a peer, or gives the one of that public key other settings.
   *
   * @throws TunnelException as {@link #reload(NetworkConfig)}, and if another peer has its name
   */
  public NetworkStatus setPeer(String network, PeerConfig peer) throws TunnelException {
    return locked(
        network,
        tunnel -> {
          replace(tunnel, Peers.with(tunnel.settings().config(), peer));
          return tunnel.status();
        });
  }

  /**
   * Takes a peer away.
   *
   * @throws TunnelException as {@link #reload(NetworkConfig)}, and if there is no such peer
   */
  public NetworkStatus removePeer(String network, PublicKey peer) throws TunnelException {
    return locked(
        network,
        tunnel -> {
          replace(tunnel, Peers.without(tunnel.settings().config(), peer));
          return tunnel.status();
        });
  }

  private NetworkDiff replace(Tunnel tunnel, NetworkConfig wanted) throws TunnelException {
    Settings before = tunnel.settings();
    NetworkDiff diff = tunnel.change(before.replacedBy(wanted), false);
    try {
      keep(tunnel);
    } catch (TunnelException refused) {
      tunnel.change(before, false);
      throw refused;
    }
    return diff;
  }

  private void keep(Tunnel tunnel) throws TunnelException {
    if (!tunnel.settings().persistent()) {
      return;
    }
    try {
      ports.store().keep(tunnel.settings().config());
    } catch (PlatformException refused) {
      throw new TunnelException(Reason.PLATFORM, String.valueOf(refused.getMessage()), refused);
    }
  }

  private List<Tunnel> leaving(List<NetworkConfig> wanted) {
    Set<String> names = wanted.stream().map(NetworkConfig::name).collect(Collectors.toSet());
    return tunnels.values().stream()
        .filter(tunnel -> tunnel.settings().inFile() && !names.contains(tunnel.name()))
        .toList();
  }

  private NetworkDiff leave(Tunnel tunnel) {
    tunnel.lock().lock();
    try {
      Settings settings = tunnel.settings();
      if (settings.persistent()) {
        tunnel.settle(new Settings(settings.config(), settings.source(), true, false));
        return NetworkComparison.unchanged(tunnel.name());
      }
      drop(tunnel);
      return NetworkComparison.leaving(settings.config());
    } finally {
      tunnel.lock().unlock();
    }
  }

  // Which networks there are.

  /** Under the tunnel's lock. */
  private void drop(Tunnel tunnel) {
    if (tunnel.state() == TunnelState.ACTIVE) {
      tunnel.stop();
    }
    tunnel.forget();
    registry.lock();
    try {
      Map<String, Tunnel> left = new LinkedHashMap<>(tunnels);
      left.remove(tunnel.name(), tunnel);
      tunnels = Collections.unmodifiableMap(left);
    } finally {
      registry.unlock();
    }
  }

  /** The tunnel of that name, made with {@code settings} if there is none. */
  private Tunnel registered(Settings settings) {
    registry.lock();
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
      registry.unlock();
    }
  }

  private <T> T locked(String network, Work<T> work) throws TunnelException {
    Tunnel tunnel = tunnels.get(network);
    if (tunnel == null) {
      throw notFound(network);
    }
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

  private void requireNoConflict(NetworkConfig config) throws TunnelException {
    for (Tunnel tunnel : tunnels.values()) {
      NetworkConfig other = tunnel.settings().config();
      if (other.name().equals(config.name())) {
        continue;
      }
      if (other.interfaceName().equals(config.interfaceName())) {
        throw conflict(config, "interface " + config.interfaceName(), other);
      }
      if (config.listenPort() != 0 && other.listenPort() == config.listenPort()) {
        throw conflict(config, "listen port " + config.listenPort(), other);
      }
    }
  }

  private static TunnelException conflict(NetworkConfig config, String what, NetworkConfig other) {
    return new TunnelException(
        Reason.CONFIG,
        "network "
            + config.name()
            + ": "
            + what
            + " is that of network "
            + other.name()
            + ": give each network its own");
  }

  private static void requireStartable(Tunnel tunnel) throws TunnelException {
    if (!tunnel.state().mayStart()) {
      throw invalidState(tunnel);
    }
  }

  private static TunnelException notFound(String network) {
    return new TunnelException(Reason.NETWORK_NOT_FOUND, network);
  }

  private static TunnelException invalidState(Tunnel tunnel) {
    return new TunnelException(
        Reason.INVALID_STATE, "network " + tunnel.name() + " is " + tunnel.state().code());
  }

  /** Something to do while nobody else may do anything to the network. */
  @FunctionalInterface
  private interface Work<T> {
    T on(Tunnel tunnel) throws TunnelException;
  }
}
