package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.logging.NetworkLog;
import cloud.runbeam.wgagent.app.rotation.RotatingDevice;
import cloud.runbeam.wgagent.app.rotation.Rotation;
import cloud.runbeam.wgagent.app.rotation.RotationException;
import cloud.runbeam.wgagent.app.rotation.RotationPhase;
import cloud.runbeam.wgagent.app.rotation.RotationStatus;
import cloud.runbeam.wgagent.app.tunnel.NetworkComparison.KeyChanges;
import cloud.runbeam.wgagent.app.tunnel.NetworkDiff.Action;
import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.platform.api.NetworkChange;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * One network: what it shall be ({@link Settings}), where it is in its life ({@link TunnelState}),
 * and, while it is up, what stands of it ({@link RunningNetwork}).
 *
 * <p>Everything that changes it is called under {@link #lock}; {@link #status} and {@link #plan} by
 * any thread. The whole state is one immutable object that is swapped, so that an unlocked reader
 * never sees half of a step: whoever reads {@link TunnelState#ACTIVE} sees the device too.
 */
final class Tunnel {
  private final Logger log;
  private final TunnelPorts ports;
  private final Events events;
  private final MonotonicClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Rotation rotation;
  private final AtomicReference<@Nullable NetworkChange> news = new AtomicReference<>();

  // Under the lock.
  private boolean forgotten;
  private @Nullable PeerWatch watch;

  private volatile View view;

  Tunnel(Settings settings, TunnelPorts ports, Events events) {
    this.log = NetworkLog.of(settings.config().name());
    this.ports = ports;
    this.events = events;
    this.clock = ports.platform().monotonicClock();
    this.view = new View(settings, TunnelState.UNINITIALIZED, Optional.empty(), null, 0);
    this.rotation = new Rotation(settings.config().name(), ports.rotation(), this::tellOfRotation);
  }

  ReentrantLock lock() {
    return lock;
  }

  String name() {
    return view.settings().config().name();
  }

  TunnelState state() {
    return view.state();
  }

  Settings settings() {
    return view.settings();
  }

  /** Whether the service knows it no longer. Under the lock. */
  boolean isForgotten() {
    return forgotten;
  }

  void forget() {
    forgotten = true;
  }

  /** What stands, while it is up. */
  Optional<RunningNetwork> running() {
    return Optional.ofNullable(view.running());
  }

  // Up and down.

  /** Brings the network up, or leaves nothing behind. */
  void start() throws TunnelException {
    become(TunnelState.STARTING, Optional.empty(), null);
    RunningNetwork next = new RunningNetwork(settings().config(), ports);
    Optional<String> failure =
        Optional.of("the start was broken off by a fault of the agent; please report it");
    try {
      next.bringUp(this::deviceEnded);
      failure = Optional.empty();
    } catch (PlatformException | DeviceException refused) {
      failure = Optional.of(String.valueOf(refused.getMessage()));
      throw inNetwork(TunnelException.Reason.PLATFORM, refused);
    } catch (TunnelException refused) {
      failure = Optional.of(String.valueOf(refused.getMessage()));
      throw inNetwork(refused.reason(), refused);
    } finally {
      if (failure.isPresent()) {
        next.takeDown(true);
        become(TunnelState.ERROR, failure, null);
      } else {
        become(TunnelState.ACTIVE, Optional.empty(), next);
        rotation.resume(RotatingDevice.of(next.device()), privateKey(), clock.nowNs());
      }
    }
  }

  /**
   * Takes the network down.
   *
   * @param guarded whether a kill switch stays
   */
  void stop(boolean guarded) {
    RunningNetwork standing = view.running();
    rotation.pause();
    become(TunnelState.STOPPING, Optional.empty(), null);
    if (standing == null) {
      standing = new RunningNetwork(settings().config(), ports); // A failure's kill switch.
    }
    standing.takeDown(guarded);
    become(TunnelState.STOPPED, Optional.empty(), null);
  }

  /** Not on the engine's thread, which calls: cleaning up waits for the engine. */
  private void deviceEnded(WireGuardDevice device, CloseReason reason) {
    if (reason != CloseReason.CLOSED) {
      ports
          .background()
          .execute(() -> {
            lock.lock();
            try {
              cleanUpAfter(device, reason);
            } finally {
              lock.unlock();
            }
          });
    }
  }

  private void cleanUpAfter(WireGuardDevice ended, CloseReason reason) {
    RunningNetwork standing = view.running();
    if (standing == null || standing.device() != ended) {
      return;
    }
    String why =
        reason == CloseReason.LINK_DELETED
            ? "interface " + settings().config().interfaceName() + " was deleted by somebody else"
            : "the engine failed: "
                + ended.failure().map(Throwable::toString).orElse("for no known reason");
    rotation.pause();
    standing.takeDown(true);
    become(TunnelState.ERROR, Optional.of(why + "; connect the network again"), null);
    log.error("network {}: {}; connect it again", name(), why);
  }

  // Looking after.

  /**
   * This machine's network changed. Any thread; {@link #tick} does what follows from it.
   *
   * @param own names of all interfaces of this agent: what concerns only them is no news
   */
  void networkChanged(NetworkChange change, Set<String> own) {
    if (change.concernsOthers(own)) {
      news.accumulateAndGet(change, Tunnel::joined);
    }
  }

  /**
   * Looks after what stands. Does nothing while somebody else does something to the network: the
   * next call is soon enough.
   */
  void tick() {
    if (view.running() == null || !lock.tryLock()) {
      return;
    }
    try {
      RunningNetwork standing = view.running();
      if (standing != null) {
        long nowNs = clock.nowNs();
        PeerWatch current = watch;
        if (current == null || !current.isOf(standing)) {
          current = new PeerWatch(standing, new Voice(), nowNs);
          watch = current;
        }
        current.look(Optional.ofNullable(news.getAndSet(null)), nowNs);
        moveRotationOn(standing, nowNs);
        standing.lookAfterKillSwitch(nowNs);
      }
    } finally {
      lock.unlock();
    }
  }

  private void moveRotationOn(RunningNetwork standing, long nowNs) {
    try {
      rotation.tick(RotatingDevice.of(standing.device()), privateKey(), nowNs);
    } catch (RotationException refused) {
      log.warn("{}; it is tried again", refused.getMessage());
    }
  }

  private static @Nullable NetworkChange joined(
      @Nullable NetworkChange one, @Nullable NetworkChange other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    Set<NetworkChange.Kind> kinds = new HashSet<>(one.kinds());
    kinds.addAll(other.kinds());
    Set<String> interfaces = new HashSet<>();
    if (!one.interfaces().isEmpty() && !other.interfaces().isEmpty()) {
      interfaces.addAll(one.interfaces());
      interfaces.addAll(other.interfaces());
    }
    return new NetworkChange(kinds, interfaces);
  }

  // Changing.

  /** Takes other settings without making anything of them; for a network that is down. */
  void settle(Settings next) {
    View now = view;
    view = new View(next, now.state(), now.failure(), now.running(), now.activeSinceNs());
  }

  /**
   * What {@link #change} would do. Any thread.
   *
   * @throws TunnelException if a key of {@code wanted} cannot be read
   */
  NetworkDiff plan(Settings wanted, boolean mayStart) throws TunnelException {
    View now = view;
    NetworkConfig before = now.settings().config();
    RunningNetwork standing = now.running();
    if (standing == null) {
      return judge(
          now, new NetworkComparison(before, wanted.config(), KeyChanges.NONE), wanted, mayStart);
    }
    try (NetworkKeys keys = NetworkKeys.read(wanted.config(), ports)) {
      NetworkComparison comparison =
          new NetworkComparison(before, wanted.config(), keys.changesFrom(standing.device()));
      return judge(now, comparison, wanted, mayStart);
    } catch (DeviceException refused) {
      throw inNetwork(TunnelException.Reason.PLATFORM, refused);
    } catch (TunnelException refused) {
      throw inNetwork(refused.reason(), refused);
    }
  }

  /**
   * Makes {@code wanted} of the network, live where that is possible; whole or not at all.
   *
   * @param mayStart whether the network may be brought up or taken down for it, as the file says
   */
  NetworkDiff change(Settings wanted, boolean mayStart) throws TunnelException {
    RunningNetwork standing = view.running();
    NetworkDiff diff;
    if (standing == null) {
      diff = plan(wanted, mayStart);
      settleAndStart(wanted, diff);
    } else {
      diff = changeRunning(standing, wanted, mayStart);
    }
    if (!diff.isNothing()) {
      publish(Topic.CONFIG, Optional.empty(), diff.details());
      log.info("network {}: {}", name(), diff.summary());
    }
    return diff;
  }

  /** Makes {@code wanted} of the network, up or down. */
  void become(Settings wanted, boolean up) throws TunnelException {
    if (view.running() != null && !up) {
      stop(false);
    }
    if (view.running() == null) {
      settle(wanted);
      if (up) {
        start();
      }
    } else {
      NetworkDiff _ = change(wanted, false);
    }
  }

  private void settleAndStart(Settings wanted, NetworkDiff diff) throws TunnelException {
    Settings before = settings();
    settle(wanted);
    if (diff.action() == Action.START) {
      try {
        start();
      } catch (TunnelException refused) {
        settle(before);
        throw refused;
      }
    }
  }

  private NetworkDiff changeRunning(RunningNetwork standing, Settings wanted, boolean mayStart)
      throws TunnelException {
    View now = view;
    try {
      NetworkKeys.generateIfMissing(wanted.config(), ports);
      try (NetworkKeys keys = NetworkKeys.read(wanted.config(), ports)) {
        NetworkComparison comparison =
            new NetworkComparison(
                now.settings().config(), wanted.config(), keys.changesFrom(standing.device()));
        NetworkDiff diff = judge(now, comparison, wanted, mayStart);
        switch (diff.action()) {
          case NONE, START -> settle(wanted);
          case UPDATE -> {
            standing.change(wanted.config(), comparison, keys);
            settle(wanted);
          }
          case STOP -> {
            stop(false);
            settle(wanted);
          }
          case RESTART -> restart(wanted);
        }
        return diff;
      }
    } catch (DeviceException refused) {
      throw inNetwork(TunnelException.Reason.PLATFORM, refused);
    } catch (TunnelException refused) {
      throw inNetwork(refused.reason(), refused);
    }
  }

  /** Down, and up with other settings; or up again with the former ones. */
  private void restart(Settings wanted) throws TunnelException {
    Settings before = settings();
    stop(true);
    settle(wanted);
    try {
      start();
    } catch (TunnelException refused) {
      settle(before);
      try {
        start();
      } catch (TunnelException again) {
        refused.addSuppressed(again);
        throw new TunnelException(
            refused.reason(),
            refused.getMessage() + "; and the former settings failed too: " + again.getMessage(),
            refused);
      }
      throw new TunnelException(
          refused.reason(), refused.getMessage() + "; the former settings are in force", refused);
    }
  }

  private static NetworkDiff judge(
      View now, NetworkComparison comparison, Settings wanted, boolean mayStart) {
    NetworkDiff diff = comparison.diff();
    boolean enabled = wanted.config().enabled();
    if (now.running() != null) {
      if (mayStart && !enabled) {
        return diff.as(Action.STOP);
      }
      return comparison.needsRestart() ? diff.as(Action.RESTART) : diff;
    }
    boolean stoppedOnRequest =
        now.state() == TunnelState.STOPPED && now.settings().config().enabled();
    return mayStart && enabled && !stoppedOnRequest ? diff.as(Action.START) : diff;
  }

  // Rotating the key.

  /**
   * Begins, commits or aborts a rotation of the private key; under the lock.
   *
   * @param overlap how long both keys are answered for; for phases that begin one
   */
  RotationStatus rotate(RotationPhase phase, Duration overlap) throws TunnelException {
    RunningNetwork standing = view.running();
    if (standing == null) {
      throw new TunnelException(
          TunnelException.Reason.INVALID_STATE,
          "network " + name() + " is " + state().code() + ": connect it, then rotate its key");
    }
    RotatingDevice device = RotatingDevice.of(standing.device());
    try {
      return switch (phase) {
        case BEGIN -> rotation.begin(device, privateKey(), false, overlap, clock.nowNs());
        case NOW -> rotation.begin(device, privateKey(), true, overlap, clock.nowNs());
        case COMMIT -> rotation.commit(device, privateKey());
        case ABORT -> rotation.abort(device, privateKey());
      };
    } catch (RotationException refused) {
      throw inNetwork(
          switch (refused.reason()) {
            case INVALID_STATE -> TunnelException.Reason.INVALID_STATE;
            case CONFIG -> TunnelException.Reason.CONFIG;
            case PLATFORM -> TunnelException.Reason.PLATFORM;
          },
          refused);
    }
  }

  private KeySource privateKey() {
    return settings().config().privateKey();
  }

  private void tellOfRotation(
      RotationStatus status, Optional<PublicKey> movedPeer, Optional<String> reason) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("phase", status.phase().code());
    data.put("public_key", status.publicKey().toBase64());
    data.put("previous_public_key", status.previousPublicKey().toBase64());
    status.overlapUntil().ifPresent(until -> data.put("overlap_until", until.toString()));
    data.put("peers_moved", status.peersMoved());
    data.put("peers_total", status.peersTotal());
    reason.ifPresent(why -> data.put("reason", why));
    publish(Topic.ROTATION, movedPeer.map(peer -> status().peerName(peer)), data);
  }

  // Looking.

  NetworkStatus status() {
    View now = view;
    RunningNetwork standing = now.running();
    return new NetworkStatus(
        now.settings().config(),
        now.state(),
        now.failure(),
        standing == null
            ? Optional.empty()
            : Optional.of(Duration.ofNanos(clock.nowNs() - now.activeSinceNs())),
        Optional.ofNullable(standing).map(up -> up.device().snapshot()),
        now.settings().source(),
        now.settings().persistent(),
        standing == null ? Map.of() : standing.endpoints().problems(),
        standing == null ? Optional.empty() : standing.hostStatus(),
        rotation.status());
  }

  void publish(Topic topic, Optional<String> peer, Map<String, Object> data) {
    events.publish(new TunnelEvent(topic, name(), peer, ports.platform().wallClock().now(), data));
  }

  private void become(
      TunnelState next, Optional<String> failure, @Nullable RunningNetwork standing) {
    View before = view;
    view = new View(before.settings(), next, failure, standing, clock.nowNs());
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("from", before.state().code());
    data.put("to", next.code());
    failure.ifPresent(why -> data.put("failure", why));
    publish(Topic.STATE, Optional.empty(), data);
  }

  private TunnelException inNetwork(TunnelException.Reason reason, Exception refused) {
    String prefix = "network " + name() + ": ";
    String message = String.valueOf(refused.getMessage());
    return new TunnelException(
        reason, message.startsWith(prefix) ? message : prefix + message, refused);
  }

  /** Tells what the watch sees. */
  private final class Voice implements PeerWatch.Teller {
    @Override
    public void tell(Topic topic, String peer, Map<String, Object> data) {
      publish(topic, Optional.of(peer), data);
    }

    @Override
    public boolean isHeard() {
      return events.isHeard(Topic.HANDSHAKE) || events.isHeard(Topic.ENDPOINT);
    }
  }

  /**
   * Everything about the network at one moment.
   *
   * @param running what stands, exactly while {@link TunnelState#ACTIVE}
   * @param activeSinceNs when it became what it is
   */
  private record View(
      Settings settings,
      TunnelState state,
      Optional<String> failure,
      @Nullable RunningNetwork running,
      long activeSinceNs) {}
}
