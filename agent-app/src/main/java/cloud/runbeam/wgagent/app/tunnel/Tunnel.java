package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.config.UnusableKeyException;
import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One network on this machine.
 *
 * <pre>
 *   start                                          undone by
 *   1  read keys, resolve endpoints, find the MTU
 *   2  create the interface                        closing it
 *   3  make a WireGuard device of it, configure    closing it (it owns the interface)
 *   4  open the socket for wg                      closing it
 *   5  add addresses                               (go with the interface)
 *   6  set the link up, wait for UDP sockets
 *   7  add routes                                  removing them
 *   stop: all of this in reverse
 * </pre>
 *
 * <p>{@link TunnelService} calls {@link #start} and {@link #stop} under the network's lock; {@link
 * #status} may be called by any thread.
 */
final class Tunnel {
  private static final Logger log = LoggerFactory.getLogger(Tunnel.class);

  /**
   * IPv6 header, UDP header, transport header and tag: 40 + 8 + 32 bytes. Right for IPv4 outside
   * too, with 20 to spare.
   */
  private static final int OVERHEAD_BYTES = 80;

  /** Where no route to an endpoint is known: Ethernet's 1,500 less the overhead. */
  private static final int DEFAULT_MTU_BYTES = 1_420;

  /** RFC 8200 section 5. Below it, IPv6 inside the tunnel is impossible. */
  private static final int MIN_AUTO_MTU_BYTES = 1_280;

  /** What an automatic MTU may grow to on links of more than jumbo frames, such as loopback. */
  private static final int MAX_AUTO_MTU_BYTES = 34_736;

  /** The link follows a netlink message; if it takes this long, it does not come. */
  private static final Duration LINK_TIMEOUT = Duration.ofSeconds(5);

  private final TunnelPorts ports;
  private final MonotonicClock clock;
  private final UndoStack undo = new UndoStack();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean forgotten;

  // Written under the network's lock, read by any thread.
  private volatile Settings settings;
  private volatile NetworkConfig config;
  private volatile TunnelState state = TunnelState.UNINITIALIZED;
  private volatile @Nullable String failure;
  private volatile @Nullable WireGuardDevice device;
  private volatile long activeSinceNs;

  Tunnel(Settings settings, TunnelPorts ports, Events events) {
    this.settings = settings;
    this.config = settings.config();
    this.ports = ports;

    this.clock = ports.platform().monotonicClock();
  }

  String name() {
    return config.name();
  }

  ReentrantLock lock() {
    return lock;
  }

  Settings settings() {
    return settings;
  }

  void settle(Settings next) {
    settings = next;
    config = next.config();
  }

  boolean isForgotten() {
    return forgotten;
  }

  void forget() {
    forgotten = true;
  }

  NetworkDiff plan(Settings wanted, boolean mayStart) {
    NetworkComparison comparison =
        new NetworkComparison(config, wanted.config(), NetworkComparison.KeyChanges.NONE);
    NetworkDiff diff = comparison.diff();
    if (state == TunnelState.ACTIVE) {
      if (mayStart && !wanted.config().enabled()) {
        return diff.as(NetworkDiff.Action.STOP);
      }
      return comparison.needsRestart() ? diff.as(NetworkDiff.Action.RESTART) : diff;
    }
    boolean due = state == TunnelState.ERROR || state == TunnelState.UNINITIALIZED;
    return mayStart && wanted.config().enabled() && (due || !config.enabled())
        ? diff.as(NetworkDiff.Action.START)
        : diff;
  }

  NetworkDiff change(Settings wanted, boolean mayStart) throws TunnelException {
    NetworkDiff diff = plan(wanted, mayStart);
    if (state == TunnelState.ACTIVE && !diff.isNothing()) {
      stop();
    }
    settle(wanted);
    if (diff.action() == NetworkDiff.Action.START || state == TunnelState.STOPPED) {
      start();
    }
    return diff;
  }

  TunnelState state() {
    return state;
  }

  /**
   * Brings the network up, or leaves nothing behind.
   *
   */
  void start() throws TunnelException {
    state = TunnelState.STARTING;
    failure = null;
    try {
      bringUp((_, ended, reason) -> endedBackground(ended, reason));
      activeSinceNs = clock.nowNs();
      state = TunnelState.ACTIVE;
    } catch (PlatformException refused) {
      fail(String.valueOf(refused.getMessage()));
      throw new TunnelException(
          TunnelException.Reason.PLATFORM, inNetwork(refused.getMessage()), refused);
    } catch (DeviceException refused) {
      fail(String.valueOf(refused.getMessage()));
      throw new TunnelException(
          TunnelException.Reason.PLATFORM, inNetwork(refused.getMessage()), refused);
    } catch (TunnelException refused) {
      fail(String.valueOf(refused.getMessage()));
      throw new TunnelException(refused.reason(), inNetwork(refused.getMessage()), refused);
    } finally {
      if (state == TunnelState.STARTING) {
        fail("the start was broken off by a fault of the agent; please report it");
      }
    }
  }

  /** Takes the network down. */
  void stop() {
    state = TunnelState.STOPPING;
    undo.unwind();
    device = null;
    state = TunnelState.STOPPED;
  }

  /** Cleans up after {@code ended}; nothing happens if that is not the device of now. */
  void deviceEnded(WireGuardDevice ended, CloseReason reason) {
    if (device != ended || state != TunnelState.ACTIVE) {
      return;
    }
    String why =
        reason == CloseReason.LINK_DELETED
            ? "interface " + config.interfaceName() + " was deleted by somebody else"
            : "the engine failed: "
                + ended.failure().map(Throwable::toString).orElse("for no known reason");
    fail(why + "; connect the network again");
    log.error("network {}: {}; connect it again", config.name(), why);
  }

  private void endedBackground(WireGuardDevice ended, CloseReason reason) {
    if (reason == CloseReason.CLOSED) {
      return;
    }
    ports.background().execute(() -> {
      lock.lock();
      try {
        deviceEnded(ended, reason);
      } finally {
        lock.unlock();
      }
    });
  }

  NetworkStatus status() {
    TunnelState now = state;
    WireGuardDevice current = device;
    Optional<DeviceSnapshot> snapshot =
        current == null ? Optional.empty() : Optional.of(current.snapshot());
    Optional<Duration> uptime =
        now == TunnelState.ACTIVE
            ? Optional.of(Duration.ofNanos(clock.nowNs() - activeSinceNs))
            : Optional.empty();
    return new NetworkStatus(config, now, Optional.ofNullable(failure), uptime, snapshot, settings.source(), settings.persistent(), Map.of());
  }

  private void bringUp(DeviceEnd onEnd) throws PlatformException, DeviceException, TunnelException {
    InterfaceSetup interfaces = ports.platform().interfaces();
    String name = config.interfaceName();
    requireFree(interfaces, name);
    EndpointChoice choice = new EndpointChoice(ports.resolver(), ports.platform().routes());
    Map<PeerConfig, Endpoint> endpoints = new HashMap<>();
    for (PeerConfig peer : config.peers()) {
      choice.choose(peer).ifPresent(endpoint -> endpoints.put(peer, endpoint));
    }
    int mtu = config.mtuBytes().orElseGet(() -> automaticMtu(choice, endpoints));
    DeviceChange change = change(endpoints);
    WireGuardDevice opened = open(name, mtu, change);
    undo.push("close device " + name, opened::close);
    device = opened;
    var _ = opened.closed().thenAccept(reason -> onEnd.ended(this, opened, reason));
    opened.apply(change);
    showToWg(opened);
    for (IpPrefix address : config.addresses()) {
      interfaces.addAddress(name, address);
    }
    interfaces.setUp(name, true);
    requireUp(opened);
    addRoutes();
    log.info(
        "network {}: interface {} is up, UDP port {}, MTU {}, peers {}",
        config.name(),
        name,
        opened.snapshot().listenPort(),
        mtu,
        config.peers().size());
  }

  private static void requireFree(InterfaceSetup interfaces, String name) throws PlatformException {
    if (interfaces.exists(name)) {
      throw new PlatformException(
          "cannot create interface " + name,
          "an interface of that name exists",
          "delete it (ip link delete " + name + ") if it is a leftover, or choose another name");
    }
  }

  private WireGuardDevice open(String name, int mtu, DeviceChange change) throws PlatformException {
    try {
      TunDevice tun = ports.platform().createTun(name, mtu);
      return ports.engine().open(tun);
    } catch (PlatformException refused) {
      change.privateKey().ifPresent(SecretKey::close);
      change.peers().forEach(peer -> peer.presharedKey().ifPresent(SecretKey::close));
      throw refused;
    }
  }

  private DeviceChange change(Map<PeerConfig, Endpoint> endpoints) throws TunnelException {
    KeyArena keys = ports.engine().keys();
    List<SecretKey> read = new ArrayList<>();
    try {
      if (ports.keys().generateIfMissing(config.privateKey(), keys, ports.platform().entropy())) {
        log.info("network {}: made a new {}", config.name(), config.privateKey().describe());
      }
      SecretKey privateKey = ports.keys().read(config.privateKey(), keys);
      read.add(privateKey);
      privateKey.clamp();
      List<PeerChange> peers = new ArrayList<>();
      for (PeerConfig peer : config.peers()) {
        Optional<SecretKey> presharedKey = presharedKey(peer, keys);
        presharedKey.ifPresent(read::add);
        peers.add(
            new PeerChange(
                peer.publicKey(),
                false,
                false,
                presharedKey,
                Optional.ofNullable(endpoints.get(peer)),
                Optional.of(peer.persistentKeepaliveSeconds()),
                true,
                peer.allowedIps(),
                List.of()));
      }
      return new DeviceChange(
          Optional.of(privateKey),
          Optional.of(config.listenPort()),
          Optional.of(config.fwmark()),
          true,
          peers);
    } catch (UnusableKeyException unusable) {
      read.forEach(SecretKey::close);
      throw new TunnelException(
          TunnelException.Reason.CONFIG, String.valueOf(unusable.getMessage()), unusable);
    }
  }

  private Optional<SecretKey> presharedKey(PeerConfig peer, KeyArena keys)
      throws UnusableKeyException {
    if (peer.presharedKey().isEmpty()) {
      return Optional.empty();
    }
    KeySource source = peer.presharedKey().get();
    return Optional.of(ports.keys().read(source, keys));
  }

  /**
   * The smallest MTU of the routes to the endpoints, less the overhead: one size must fit all
   * peers.
   */
  private static int automaticMtu(EndpointChoice choice, Map<PeerConfig, Endpoint> endpoints) {
    int smallest = Integer.MAX_VALUE;
    for (Endpoint endpoint : endpoints.values()) {
      OptionalInt mtu = choice.pathMtu(endpoint);
      smallest = Math.min(smallest, mtu.orElse(smallest));
    }
    return smallest == Integer.MAX_VALUE
        ? DEFAULT_MTU_BYTES
        : Math.clamp(smallest - OVERHEAD_BYTES, MIN_AUTO_MTU_BYTES, MAX_AUTO_MTU_BYTES);
  }

  /** The tunnel works without; an unprivileged agent often cannot write to the directory. */
  private void showToWg(WireGuardDevice opened) {
    try {
      DeviceSockets.Open socket = ports.sockets().open(opened);
      undo.push("close the socket for wg of " + config.interfaceName(), socket::close);
    } catch (PlatformException refused) {
      log.warn(
          "network {}: wg will not see {}: {}",
          config.name(),
          config.interfaceName(),
          refused.getMessage());
    }
  }

  private void requireUp(WireGuardDevice opened) throws TunnelException {
    boolean decided =
        ports
            .patience()
            .await(
                () -> opened.snapshot().up() || opened.snapshot().problem().isPresent(),
                LINK_TIMEOUT);
    Optional<String> problem = opened.snapshot().problem();
    if (problem.isPresent()) {
      throw new TunnelException(TunnelException.Reason.PLATFORM, problem.get());
    }
    if (!decided) {
      throw new TunnelException(
          TunnelException.Reason.PLATFORM,
          "interface "
              + config.interfaceName()
              + " did not come up within "
              + LINK_TIMEOUT.toSeconds()
              + " s: see whether something sets it down again");
    }
  }

  private void addRoutes() throws PlatformException {
    if (!config.routes()) {
      return;
    }
    RouteTable routes = ports.platform().routes();
    int table = config.table().orElse(RouteTable.MAIN);
    String name = config.interfaceName();
    for (PeerConfig peer : config.peers()) {
      for (IpPrefix prefix : peer.allowedIps()) {
        if (table == RouteTable.MAIN && isConnected(prefix)) {
          continue;
        }
        routes.add(name, prefix, table);
        undo.push("route " + prefix + " to " + name, () -> routes.remove(name, prefix, table));
      }
    }
  }

  /**
   * The kernel routes the subnet of an address by itself, with the right source address; our route
   * would replace that one.
   */
  private boolean isConnected(IpPrefix prefix) {
    return config.addresses().stream().anyMatch(address -> address.network().equals(prefix));
  }

  private void fail(String why) {
    failure = why;
    undo.unwind();
    device = null;
    state = TunnelState.ERROR;
  }

  private String inNetwork(@Nullable String message) {
    return "network " + config.name() + ": " + message;
  }

  /** Hears that a device ended. */
  @FunctionalInterface
  interface DeviceEnd {
    void ended(Tunnel tunnel, WireGuardDevice device, CloseReason reason);
  }
}
