package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.DeviceException.Reason;
import cloud.runbeam.wgagent.engine.crypto.AeadProvider;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.path.AgentRunner;
import cloud.runbeam.wgagent.engine.path.ConductorAgent;
import cloud.runbeam.wgagent.engine.path.DevicePath;
import cloud.runbeam.wgagent.engine.path.PeerDesk;
import cloud.runbeam.wgagent.engine.path.Quiescence;
import cloud.runbeam.wgagent.engine.path.TimestampGuard;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One WireGuard device: a TUN interface, its identity and its peers.
 *
 * <pre>
 *             open()            link up                  link down
 *   (engine) ───────▶ no sockets ───────▶ sockets open ───────────▶ no sockets
 *                        └────── close(), link deleted, failure ──────┘──▶ ended
 * </pre>
 *
 * <p>Any thread. Changes are carried out by the engine's conductor, one after the other; snapshots
 * do not wait for it.
 */
public final class WireGuardDevice implements AutoCloseable {
  private final TunDevice tun;
  private final EnginePorts ports;
  private final KeyArena keys;
  private final ConductorAgent conductor;
  private final DevicePath path;
  private final DeviceConfigurator configurator;
  private final AgentRunner outbound;
  private final AgentRunner inbound;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
  private volatile @Nullable Throwable failure;

  private WireGuardDevice(
      TunDevice tun,
      EnginePorts ports,
      TimestampGuard timestamps,
      KeyArena keys,
      AeadProvider aead,
      ConductorAgent conductor) {
    this.tun = tun;
    this.ports = ports;
    this.keys = keys;
    this.conductor = conductor;
    this.path =
        DevicePath.assemble(
            tun,
            new DevicePath.Parts(
                ports.udp(),
                ports.clock(),
                ports.wallClock(),
                timestamps,
                ports.entropy(),
                keys,
                aead),
            conductor);
    this.configurator = new DeviceConfigurator(path, ports.clock());
    this.outbound = new AgentRunner(path.outbound(), this::agentEnded);
    this.inbound = new AgentRunner(path.inbound(), this::agentEnded);
  }

  static WireGuardDevice start(
      TunDevice tun,
      EnginePorts ports,
      TimestampGuard timestamps,
      KeyArena keys,
      AeadProvider aead,
      ConductorAgent conductor) {
    WireGuardDevice device = new WireGuardDevice(tun, ports, timestamps, keys, aead, conductor);
    conductor.submit(() -> {
      conductor.add(device.path.conductor());
      device.path.conductor().rehearse();
    });
    device.outbound.start();
    device.inbound.start();
    tun.observe(device.new Link());
    return device;
  }

  /** The interface's name as the operating system knows it. */
  public String interfaceName() {
    return tun.name();
  }

  /** Where to allocate the keys of a {@link DeviceChange}. */
  public KeyArena keys() {
    return keys;
  }

  /**
   * Applies a change, whole or not at all, and returns when it is in force. The change's secrets
   * belong to the device from now on, also when it is refused.
   */
  public void apply(DeviceChange change) throws DeviceException {
    try {
      onConductor(() -> {
        configurator.apply(change);
        return true;
      });
    } catch (DeviceException e) {
      wipe(change);
      throw e;
    }
  }

  /**
   * Begins to replace the device's key while its sessions go on (rotation): handshakes are answered
   * under both keys and made under the new one, or the former one where a peer does not answer.
   * {@link DeviceSnapshot#formerPublicKey} stands while it lasts, {@code
   * PeerSnapshot.localIdentity} tells who has moved.
   *
   * @param privateKey the new key, which belongs to the device from now on
   * @param moved peers known to have moved already, when a rotation is taken up after a restart
   * @throws DeviceException if the device has no key, is rotating already, or has this key
   */
  public void beginRotation(SecretKey privateKey, Collection<PublicKey> moved)
      throws DeviceException {
    boolean begun;
    try {
      begun = onConductor(() -> configurator.beginRotation(privateKey, moved));
    } catch (DeviceException e) {
      privateKey.close();
      throw e;
    }
    if (!begun) {
      throw new DeviceException(
          Reason.INVALID_STATE,
          "device "
              + tun.name()
              + " cannot begin to rotate its key: it has none, has this one, or"
              + " is rotating it already; commit or abort that first");
    }
  }

  /**
   * Asks peers that have not moved whether they know the new key. Cheap for a few hundred peers; a
   * handshake message for each.
   *
   * @return how many were asked, 0 without a rotation
   */
  public int askWhetherMoved() throws DeviceException {
    return onConductor(() -> path.conductor().askWhetherMoved(ports.clock().nowNs()));
  }

  /**
   * Ends a rotation; no session is cut.
   *
   * @param commit whether the new key stays, or the former one
   * @return false if none was in progress
   */
  public boolean endRotation(boolean commit) throws DeviceException {
    return onConductor(() -> path.conductor().endRotation(commit));
  }

  /**
   * Begins a handshake with a peer at once, as after a change of this machine's network. The
   * session that stands goes on being used. A peer that is not there or has no endpoint, and one
   * that was called within the last 5 s (paper, section 6.1), is left alone.
   */
  public void handshakeNow(PublicKey peer) throws DeviceException {
    onConductor(() -> {
      PeerDesk desk = path.conductor().desk(peer);
      if (desk != null) {
        path.conductor().callAnew(desk, ports.clock().nowNs());
      }
      return true;
    });
  }

  /** What the device looks like now. Does not wait for the conductor and does not stop traffic. */
  public DeviceSnapshot snapshot() {
    return configurator.snapshot(tun);
  }

  /** Copies of the secrets, for {@code wg showconf}; the caller closes them. */
  public DeviceSecrets copySecrets() throws DeviceException {
    return onConductor(() -> {
      Optional<SecretKey> privateKey =
          Optional.ofNullable(path.conductor().identity())
              .map(identity -> keys.copyOf(identity.privateKey()));
      Map<PublicKey, SecretKey> presharedKeys = new HashMap<>();
      path.conductor()
          .forEachPresharedKey((peer, key) -> presharedKeys.put(peer, keys.copyOf(key)));
      return new DeviceSecrets(privateKey, presharedKeys);
    });
  }

  /** Completes with the reason when the device has ended and everything of it is released. */
  public CompletableFuture<CloseReason> closed() {
    return closed;
  }

  /** Why the device failed, once {@link #closed} says {@link CloseReason#FAILED}. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * Ends the device, removes the interface, wipes its keys; returns when that is done. Idempotent.
   */
  @Override
  public void close() {
    end(CloseReason.CLOSED);
    closed.join();
  }

  /** Names the packet threads and what counts their batches. */
  void packetThreads(BiConsumer<String, Quiescence> threads) {
    threads.accept(path.outbound().name(), path.outbound().rounds());
    threads.accept(path.inbound().name(), path.inbound().rounds());
  }

  /** Ends the device because the engine cannot go on. */
  void fail(Throwable cause) {
    failure = cause;
    Thread.ofVirtual().start(() -> end(CloseReason.FAILED));
  }

  private void agentEnded(@Nullable Throwable cause) {
    if (ending.get()) {
      return;
    }
    if (cause == null) {
      // The TUN device ended by itself. Not on this thread: ending waits for it.
      Thread.ofVirtual().start(() -> end(CloseReason.LINK_DELETED));
    } else {
      fail(cause);
    }
  }

  private void end(CloseReason reason) {
    if (!ending.compareAndSet(false, true)) {
      return;
    }
    runOnConductor(path.conductor()::linkDown);
    path.tables().close();
    tun.close();
    WireGuardEngine.joinUninterruptibly(outbound.thread());
    WireGuardEngine.joinUninterruptibly(inbound.thread());
    runOnConductor(() -> {
      path.conductor().end();
      conductor.remove(path.conductor());
    });
    path.memory().close();
    closed.complete(reason);
  }

  /**
   * Runs a step of ending; if the conductor itself has died, nobody else can run it, and nobody
   * else uses what it touches.
   */
  private void runOnConductor(Runnable step) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable command =
        () -> {
          step.run();
          done.complete(null);
        };
    if (conductor.hasEnded()) {
      command.run();
    } else {
      conductor.submitUrgent(command);
      if (conductor.hasEnded()) {
        conductor.runLeftCommands();
      }
    }
    done.join();
  }

  private <T> T onConductor(Callable<T> work) throws DeviceException {
    if (ending.get()) {
      throw closedException();
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      conductor.submit(() -> {
        if (ending.get()) {
          result.completeExceptionally(closedException());
          return;
        }
        try {
          result.complete(work.call());
        } catch (Exception e) {
          result.completeExceptionally(e);
        }
      });
    } catch (RejectedExecutionException e) {
      throw new DeviceException(Reason.BUSY, tun.name() + ": " + e.getMessage(), e);
    }
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof DeviceException refused) {
        throw refused;
      }
      throw new DeviceException(
          Reason.INTERNAL,
          tun.name() + ": the engine failed to apply a change: " + e.getCause(),
          e);
    }
  }

  private DeviceException closedException() {
    return new DeviceException(
        Reason.CLOSED, "device " + tun.name() + " has ended; create it anew");
  }

  private static void wipe(DeviceChange change) {
    change.privateKey().ifPresent(SecretKey::close);
    change.peers().forEach(peer -> peer.presharedKey().ifPresent(SecretKey::close));
  }

  /** Passes what happens to the link to the conductor. */
  private final class Link implements LinkObserver {
    @Override
    public void linkUp() {
      conductor.submitUrgent(() -> path.conductor().linkUp(ports.clock().nowNs()));
    }

    @Override
    public void linkDown() {
      conductor.submitUrgent(path.conductor()::linkDown);
    }

    @Override
    public void mtuChanged(int mtuBytes) {
      // Read from the TUN device once per batch.
    }

    @Override
    public void linkDeleted() {
      agentEnded(null);
    }
  }
}
