package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.host.HostNetwork;
import cloud.runbeam.wgagent.app.host.HostSettings;
import cloud.runbeam.wgagent.app.host.HostStatus;
import cloud.runbeam.wgagent.app.logging.NetworkLog;
import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * What stands of one network while it is up.
 *
 * <pre>
 *   bringUp                                           undone by
 *   1  read keys, find endpoints and the MTU
 *   2  raise the kill switch, if there is one         disconnecting
 *   3  create the interface                           closing it
 *   4  make a WireGuard device of it, configure       closing it (it owns the interface)
 *   5  open the socket for wg                         closing it
 *   6  MTU, addresses, link up, routes, rules, DNS    HostNetwork, which keeps a journal
 *   7  wait for the UDP sockets
 *
 *   change                                            undone by
 *   1  port and mark        (may be refused)          the former ones
 *   2  the host's settings  (may be refused)          the former ones
 *   3  identity and peers   (cannot be refused)
 * </pre>
 *
 * <p>A change takes the steps that can be refused first and peers last, so that one that is refused
 * has touched no session. Under the network's lock, but for the getters.
 */
final class RunningNetwork {
  /** The link follows a netlink message; if it takes this long, it does not come. */
  private static final Duration LINK_TIMEOUT = Duration.ofSeconds(5);

  /** How long a start or a change waits for names; what comes later is used when it comes. */
  private static final Duration NAMES_TIMEOUT = Duration.ofSeconds(1);

  private final Logger log;

  /** Looking runs a program: often enough to notice, seldom enough to cost nothing. */
  private static final long KILL_SWITCH_LOOK_NS = Duration.ofSeconds(10).toNanos();

  private final TunnelPorts ports;
  private final MonotonicClock clock;
  private final HostNetwork host;
  private final UndoStack undo = new UndoStack();
  private @Nullable WireGuardDevice device;
  private NetworkConfig config;
  private HostSettings hostSettings;
  private int mark;
  private long killSwitchLookedAtNs;

  // Read by any thread.
  private volatile PeerEndpoints endpoints;
  private volatile Optional<HostStatus> hostStatus = Optional.empty();

  /** Nothing stands yet. */
  RunningNetwork(NetworkConfig config, TunnelPorts ports) {
    this.log = NetworkLog.of(config.name());
    this.config = config;
    this.ports = ports;
    this.clock = ports.platform().monotonicClock();
    this.killSwitchLookedAtNs = clock.nowNs();
    this.host = ports.host().network(config.name());
    this.endpoints = new PeerEndpoints(config, ports);
    this.hostSettings = hostSettings(config, endpoints);
  }

  /**
   * The device, from {@link #bringUp} on; ended after {@link #takeDown}, for a reader who comes too
   * late. Any thread that was handed this object.
   */
  WireGuardDevice device() {
    WireGuardDevice opened = device;
    if (opened == null) {
      throw new IllegalStateException("network " + config.name() + " is not up");
    }
    return opened;
  }

  /** As it is now. Under the network's lock. */
  NetworkConfig config() {
    return config;
  }

  PeerEndpoints endpoints() {
    return endpoints;
  }

  Optional<HostStatus> hostStatus() {
    return hostStatus;
  }

  /**
   * Brings everything up; whoever calls takes down what stands if this throws.
   *
   * @param onEnd called on a thread of the engine when the device ends
   */
  void bringUp(BiConsumer<WireGuardDevice, CloseReason> onEnd)
      throws PlatformException, DeviceException, TunnelException {
    String name = config.interfaceName();
    requireFree(ports.platform().interfaces(), name);
    NetworkKeys.generateIfMissing(config, ports);
    try (NetworkKeys keys = NetworkKeys.read(config, ports)) {
      findEndpoints(endpoints, config);
      hostSettings = hostSettings(config, endpoints);
      host.protect(hostSettings);
      mark = host.fwmark(hostSettings);
      endpoints.setMark(mark);
      TunDevice tun = ports.platform().createTun(name, hostSettings.mtuBytes());
      WireGuardDevice opened = ports.engine().open(tun);
      device = opened;
      undo.push("close device " + name, opened::close);
      var _ = opened.closed().thenAccept(reason -> onEnd.accept(opened, reason));
      opened.apply(EngineChanges.whole(config, mark, keys, this::endpointOf));
      showToWg(opened);
      host.apply(hostSettings);
      requireUp(opened);
      hostStatus = Optional.of(host.status());
    }
    log.info(
        "network {}: interface {} is up, UDP port {}, MTU {}, peers {}",
        config.name(),
        name,
        device().snapshot().listenPort(),
        hostSettings.mtuBytes(),
        config.peers().size());
  }

  /**
   * Takes everything down.
   *
   * @param guarded whether a kill switch stays: nobody asked for the network to end
   */
  void takeDown(boolean guarded) {
    if (guarded) {
      host.clearButKillSwitch();
    } else {
      host.clear();
    }
    undo.unwind();
  }

  /**
   * Makes {@code next} of the network while it runs, whole or not at all. What does not differ is
   * not touched.
   *
   * @param comparison of the settings of now with {@code next}
   * @param keys of {@code next}
   * @throws TunnelException naming the step that failed; the former settings are in force
   */
  void change(NetworkConfig next, NetworkComparison comparison, NetworkKeys keys)
      throws TunnelException {
    PeerEndpoints nextEndpoints = endpoints.of(next);
    findEndpoints(nextEndpoints, next);
    HostSettings nextHost = hostSettings(next, nextEndpoints);
    UndoStack back = new UndoStack();
    String step = "the listen port";
    try {
      int nextMark = host.fwmark(nextHost);
      if (next.listenPort() != config.listenPort() || nextMark != mark) {
        device().apply(EngineChanges.sockets(next.listenPort(), nextMark));
        DeviceChange former = EngineChanges.sockets(config.listenPort(), mark);
        back.push("listen port of " + config.name(), () -> device().apply(former));
      }
      step = "addresses, routes and other settings of this machine";
      if (!nextHost.equals(hostSettings)) {
        HostSettings former = hostSettings;
        host.apply(nextHost);
        back.push("settings of this machine for " + config.name(), () -> host.apply(former));
      }
      step = "the peers";
      tellEngine(
          EngineChanges.difference(
              config,
              next,
              comparison,
              keys,
              peer -> nextEndpoints.route(peer).flatMap(PeerRoute::chosen)));
      mark = nextMark;
    } catch (PlatformException | DeviceException refused) {
      back.unwind();
      throw new TunnelException(
          TunnelException.Reason.PLATFORM,
          "cannot change "
              + step
              + ": "
              + refused.getMessage()
              + "; the former settings are in force",
          refused);
    }
    nextEndpoints.setMark(mark);
    config = next;
    endpoints = nextEndpoints;
    hostSettings = nextHost;
    hostStatus = Optional.of(host.status());
  }

  private void tellEngine(DeviceChange change) throws DeviceException {
    if (!EngineChanges.isEmpty(change)) {
      device().apply(change);
    }
  }

  /** Follows what became of endpoints and paths: the automatic MTU, what the firewall lets out. */
  void followEndpoints() {
    HostSettings now = hostSettings(config, endpoints);
    if (now.equals(hostSettings)) {
      return;
    }
    try {
      host.apply(now);
      if (now.mtuBytes() != hostSettings.mtuBytes()) {
        log.info("network {}: MTU is {} now", config.name(), now.mtuBytes());
      }
      hostSettings = now;
      hostStatus = Optional.of(host.status());
    } catch (PlatformException refused) {
      log.warn("network {}: {}", config.name(), refused.getMessage());
    }
  }

  /**
   * Raises a kill switch again that does not hold: programs that flush the whole firewall take it
   * along.
   */
  void lookAfterKillSwitch(long nowNs) {
    if (!hostSettings.killSwitch() || nowNs - killSwitchLookedAtNs < KILL_SWITCH_LOOK_NS) {
      return;
    }
    killSwitchLookedAtNs = nowNs;
    HostStatus found = host.status();
    Optional<HostStatus.Verdict> gap = found.killSwitch().filter(verdict -> !verdict.blocking());
    if (gap.isPresent()) {
      log.error("network {}: the kill switch did not hold: {}", config.name(), gap.get().text());
      try {
        host.protect(hostSettings);
        found = host.status();
        log.warn("network {}: the kill switch was raised again", config.name());
      } catch (PlatformException refused) {
        log.error("network {}: {}", config.name(), refused.getMessage());
      }
    }
    hostStatus = Optional.of(found);
  }

  private void findEndpoints(PeerEndpoints found, NetworkConfig network) {
    found.awaitAnswers(clock.nowNs(), NAMES_TIMEOUT);
    long nowNs = clock.nowNs();
    for (PeerConfig peer : network.peers()) {
      found
          .route(peer.publicKey())
          .filter(route -> route.chosen().isEmpty())
          .ifPresent(
              route -> {
                Optional<Endpoint> _ = found.choose(route, nowNs);
              });
    }
    for (PeerRoute route : found.publishProblems()) {
      route.problem().ifPresent(problem -> log.warn("network {}: {}", network.name(), problem));
    }
  }

  private Optional<Endpoint> endpointOf(PublicKey peer) {
    return endpoints.route(peer).flatMap(PeerRoute::chosen);
  }

  private static HostSettings hostSettings(NetworkConfig config, PeerEndpoints endpoints) {
    List<IpPrefix> routes = new ArrayList<>();
    if (config.routes()) {
      config.peers().forEach(peer -> routes.addAll(peer.allowedIps()));
    }
    List<Endpoint> chosen = endpoints.chosen();
    return new HostSettings(
        config.name(),
        config.interfaceName(),
        config.mtuBytes().orElseGet(() -> AutomaticMtu.of(chosen, endpoints::pathMtu)),
        config.addresses(),
        routes,
        config.table(),
        config.fwmark(),
        config.dns(),
        config.dnsSearch(),
        config.killSwitch(),
        config.allowLan(),
        chosen);
  }

  private static void requireFree(InterfaceSetup interfaces, String name) throws PlatformException {
    if (interfaces.exists(name)) {
      throw new PlatformException(
          "cannot create interface " + name,
          "an interface of that name exists",
          "delete it (ip link delete " + name + ") if it is a leftover, or choose another name");
    }
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
}
