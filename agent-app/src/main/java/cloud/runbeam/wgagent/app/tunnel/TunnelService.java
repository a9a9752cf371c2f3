package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.rotation.Rotation;
import cloud.runbeam.wgagent.app.rotation.RotationPhase;
import cloud.runbeam.wgagent.app.rotation.RotationStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelException.Reason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.platform.api.NetworkChange;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger log = LoggerFactory.getLogger(TunnelService.class);

  private final TunnelPorts ports;
  private final Events events = new Events();

  /** One reload of the file at a time, so that the later one wins as a whole. */
  private final ReentrantLock reloading = new ReentrantLock();

  private final TunnelRegistry tunnels;

  /** Knows the networks of the file; starts none. */
  public TunnelService(List<NetworkConfig> networks, TunnelPorts ports) {
    this(networks, List.of(), ports);
  }

  /**
   * Knows networks; starts none.
   *
   * @param networks those of the file
   * @param kept those of the API that were kept; they rule over those of the same name in the file
   */
  public TunnelService(List<NetworkConfig> networks, List<NetworkConfig> kept, TunnelPorts ports) {
    this.ports = ports;
    this.tunnels = new TunnelRegistry(ports, events);
    for (NetworkConfig network : networks) {
      tunnels.registered(Settings.ofFile(network));
    }
    for (NetworkConfig network : kept) {
      Tunnel tunnel = tunnels.registered(new Settings(network, NetworkSource.API, true, false));
      tunnel.settle(new Settings(network, NetworkSource.API, true, tunnel.settings().inFile()));
    }
  }

  // Looking.

  /** All networks: those of the file in its order, then those of the API. */
  public List<NetworkStatus> status() {
    return tunnels.all().stream().map(Tunnel::status).toList();
  }

  /** One network. */
  public Optional<NetworkStatus> status(String network) {
    return tunnels.find(network).map(Tunnel::status);
  }

  /** What happens here, for whoever listens. */
  public Events events() {
    return events;
  }

  // Up and down.

  /**
   * Brings up every enabled network, in the order of the file. If one of the file cannot be brought
   * up, those before are taken down again; one of the API is only reported.
   *
   * @throws TunnelException saying which and why
   */
  public void connectAll() throws TunnelException {
    for (Tunnel tunnel : tunnels.all()) {
      Settings settings = tunnel.settings();
      if (!settings.config().enabled()) {
        continue;
      }
      try {
        connect(tunnel.name());
      } catch (TunnelException refused) {
        if (settings.source() == NetworkSource.API) {
          log.error("{}; connect it again when that is mended", refused.getMessage());
          continue;
        }
        disconnectAll();
        throw refused;
      }
    }
  }

  /**
   * Takes down everything that is up, the last one first, because the agent ends: kill switches
   * stay.
   */
  public void disconnectAll() {
    for (Tunnel tunnel : List.copyOf(tunnels.all()).reversed()) {
      tunnel.lock().lock();
      try {
        if (tunnel.state() == TunnelState.ACTIVE) {
          tunnel.stop(true);
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
    return tunnels.locked(
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
    return tunnels.lockedOrNew(
        new Settings(config, NetworkSource.API, false, false),
        tunnel -> connectWith(tunnel, config, persist));
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
      tunnel.stop(false);
      tunnel.settle(before);
      throw refused;
    }
    return tunnel.status();
  }

  /**
   * Takes one network down, its kill switch too; for one that has failed, the kill switch it left.
   * It stays listed, with its settings.
   *
   * @throws TunnelException if there is none of that name or it is not up
   */
  public NetworkStatus disconnect(String network) throws TunnelException {
    return tunnels.locked(
        network,
        tunnel -> {
          if (tunnel.state() != TunnelState.ACTIVE && tunnel.state() != TunnelState.ERROR) {
            throw invalidState(tunnel);
          }
          tunnel.stop(false);
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
    var _ =
        tunnels.locked(
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
      diffs.add(planFromFile(config));
    }
    return diffs;
  }

  /**
   * What {@link #reloadFromFile} would do.
   *
   * @throws TunnelException if a key cannot be read
   */
  public NetworkDiff planFromFile(NetworkConfig wanted) throws TunnelException {
    Optional<Tunnel> tunnel = tunnels.find(wanted.name());
    return tunnel.isEmpty()
        ? NetworkComparison.appearing(wanted)
        : tunnel.get().plan(tunnel.get().settings().reloadedFrom(wanted), true);
  }

  /**
   * What {@link #reload(NetworkConfig)} would do.
   *
   * @throws TunnelException if there is none of that name, or a key cannot be read
   */
  public NetworkDiff plan(NetworkConfig wanted) throws TunnelException {
    Tunnel tunnel = tunnels.get(wanted.name());
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
    boolean isNew = tunnels.find(wanted.name()).isEmpty();
    return tunnels.lockedOrNew(
        Settings.ofFile(wanted),
        tunnel -> {
          NetworkDiff diff = tunnel.change(tunnel.settings().reloadedFrom(wanted), true);
          return isNew ? NetworkComparison.appearing(wanted) : diff;
        });
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
    return tunnels.locked(wanted.name(), tunnel -> replace(tunnel, wanted));
  }

  /**
   * Adds a peer, or gives the one of that public key other settings.
   *
   * @throws TunnelException as {@link #reload(NetworkConfig)}, and if another peer has its name
   */
  public NetworkStatus setPeer(String network, PeerConfig peer) throws TunnelException {
    return tunnels.locked(
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
    return tunnels.locked(
        network,
        tunnel -> {
          replace(tunnel, Peers.without(tunnel.settings().config(), peer));
          return tunnel.status();
        });
  }

  /**
   * Keeps the settings that a network has now, and uses them at the next start of the agent too.
   *
   * @throws TunnelException if there is none of that name, or they cannot be kept
   */
  public void persist(String network) throws TunnelException {
    tunnels.locked(
        network,
        tunnel -> {
          Settings before = tunnel.settings();
          tunnel.settle(new Settings(before.config(), NetworkSource.API, true, before.inFile()));
          try {
            keep(tunnel);
          } catch (TunnelException refused) {
            tunnel.settle(before);
            throw refused;
          }
          return tunnel;
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
    return tunnels.all().stream()
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

  /**
   * Rotates a network's private key: see {@link RotationPhase}. No session is cut.
   *
   * @throws TunnelException if there is no network of that name, it is not up, or a step fails
   */
  public RotationStatus rotate(String network, RotationPhase phase) throws TunnelException {
    return rotate(network, phase, Rotation.DEFAULT_OVERLAP);
  }

  /**
   * As the other.
   *
   * @param overlap how long both keys are answered for, {@link Rotation#MIN_OVERLAP} to {@link
   *     Rotation#MAX_OVERLAP}
   */
  public RotationStatus rotate(String network, RotationPhase phase, Duration overlap)
      throws TunnelException {
    return tunnels.locked(network, tunnel -> tunnel.rotate(phase, overlap));
  }

  // Looking after.

  /**
   * Looks after the networks that are up: endpoints, events, MTU. To be called about once a second,
   * and soon after {@link #networkChanged}, by one thread. Never waits for a network that somebody
   * changes.
   */
  public void tick() {
    tunnels.all().forEach(Tunnel::tick);
  }

  /** This machine's network changed; {@link #tick} does what follows from it. Never waits. */
  public void networkChanged(NetworkChange change) {
    Set<String> own = new HashSet<>();
    for (Tunnel tunnel : tunnels.all()) {
      own.add(tunnel.settings().config().interfaceName());
    }
    tunnels.all().forEach(tunnel -> tunnel.networkChanged(change, own));
  }

  // Going back.

  /** How all networks stand now, to go back to. */
  Checkpoint checkpoint() {
    return Checkpoint.of(tunnels.all());
  }

  /**
   * Makes a network what it was.
   *
   * @param before how it was; empty if there was none
   * @param expected how it must be now, otherwise it is left alone
   * @return whether that was so
   */
  boolean restore(
      String network, Optional<Checkpoint.Saved> before, Optional<Checkpoint.Saved> expected)
      throws TunnelException {
    if (before.isEmpty() && tunnels.find(network).isEmpty()) {
      return true;
    }
    if (before.isEmpty()) {
      return tunnels.locked(
          network,
          tunnel -> {
            if (!expected.equals(Optional.of(Checkpoint.Saved.of(tunnel)))) {
              return false;
            }
            drop(tunnel);
            return true;
          });
    }
    Checkpoint.Saved saved = before.get();
    Checkpoint.Saved now = expected.orElseGet(() -> new Checkpoint.Saved(saved.settings(), false));
    return tunnels.lockedOrNew(
        saved.settings(),
        tunnel -> {
          if (!now.equals(Checkpoint.Saved.of(tunnel))) {
            return false;
          }
          tunnel.become(saved.settings(), saved.up());
          keep(tunnel);
          return true;
        });
  }

  // Under a network's lock.

  private void drop(Tunnel tunnel) {
    if (tunnel.state() == TunnelState.ACTIVE || tunnel.state() == TunnelState.ERROR) {
      tunnel.stop(false);
    }
    tunnels.forget(tunnel);
  }

  private void requireNoConflict(NetworkConfig config) throws TunnelException {
    for (Tunnel tunnel : tunnels.all()) {
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

  private static TunnelException invalidState(Tunnel tunnel) {
    return new TunnelException(
        Reason.INVALID_STATE, "network " + tunnel.name() + " is " + tunnel.state().code());
  }
}
