package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.path.ConductorAgent;
import cloud.runbeam.wgagent.engine.path.DevicePath;
import cloud.runbeam.wgagent.engine.path.TimestampGuard;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.engine.testkit.ScriptedTun;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import cloud.runbeam.wgagent.engine.testkit.ToySocket;
import cloud.runbeam.wgagent.engine.testkit.UnguardedMemory;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A device without threads: the test steps its three agents by hand, on one thread, in one order.
 */
final class SteppedDevice implements AutoCloseable {
  private final ScriptedTun tun;
  private final ToyHost host;
  private final ManualClock clock;
  private final KeyArena keys = new KeyArena(new UnguardedMemory(), 64);
  private final ConductorAgent conductor;
  private final DevicePath path;
  private final DeviceConfigurator configurator;
  private final PublicKey publicKey;

  /** A device with the identity of {@code label}, listening on {@code port}, its link up. */
  SteppedDevice(
      String label,
      ToyHost host,
      int port,
      ManualClock clock,
      TimestampGuard timestamps,
      long seed) {
    this.tun = new ScriptedTun(label);
    this.host = host;
    this.clock = clock;
    this.conductor = new ConductorAgent(clock);
    this.path =
        DevicePath.assemble(
            tun,
            new DevicePath.Parts(
                host,
                clock,
                clock,
                timestamps,
                new SeededEntropy(seed),
                keys,
                AeadProviders.best()),
            conductor);
    this.configurator = new DeviceConfigurator(path, clock);
    conductor.add(path.conductor());
    tun.observe(new Link());
    SecretKey privateKey = TestKeys.privateKey(keys, label);
    this.publicKey = privateKey.publicKey();
    apply(
        new DeviceChange(
            Optional.of(privateKey), Optional.of(port), Optional.empty(), false, List.of()));
  }

  ScriptedTun tun() {
    return tun;
  }

  ToyHost host() {
    return host;
  }

  KeyArena keys() {
    return keys;
  }

  PublicKey publicKey() {
    return publicKey;
  }

  DevicePath path() {
    return path;
  }

  /** Applies a change that cannot be refused. */
  void apply(DeviceChange change) {
    try {
      configurator.apply(change);
    } catch (DeviceException e) {
      throw new AssertionError("refused", e);
    }
  }

  DeviceSnapshot snapshot() {
    return configurator.snapshot(tun);
  }

  PeerSnapshot peer(SteppedDevice other) {
    return snapshot().peers().stream()
        .filter(peer -> peer.publicKey().equals(other.publicKey))
        .findFirst()
        .orElseThrow();
  }

  /** What the engine itself knows of a peer. */
  Peer peerState(SteppedDevice other) {
    return Objects.requireNonNull(path.conductor().desk(other.publicKey)).peer();
  }

  /** Handshakes under way and sessions, of all peers. */
  int indexesInUse() {
    return path.tables().indexes().size();
  }

  /** How many buffers of the pool for small frames and handshake messages are lent. */
  int buffersLent() {
    return path.stager().small().capacity() - path.stager().small().available();
  }

  /** Losses before a peer was known. */
  long drops(DropReason reason) {
    return path.tables().drops().get(reason);
  }

  /** Losses of one peer. */
  long drops(SteppedDevice peer, DropReason reason) {
    return peerState(peer).drops().get(reason);
  }

  /** Lets every agent do what is there to do; whether there was anything. */
  boolean step() {
    boolean worked = stepConductor();
    return stepPacketThreads() || worked;
  }

  /** One round of the conductor. */
  boolean stepConductor() {
    return conductor.work();
  }

  /** Lets the packet threads do what is there to do. */
  boolean stepPacketThreads() {
    boolean worked = false;
    try {
      while (tun.isReadable()) {
        worked = true;
        path.outbound().doWork();
      }
      while (path.tables().transport() instanceof ToySocket socket && socket.isReadable()) {
        worked = true;
        path.inbound().doWork();
      }
    } catch (IOException e) {
      throw new AssertionError("an agent failed", e);
    }
    return worked;
  }

  /** Ends the device in the order in which {@link WireGuardDevice} does. */
  @Override
  public void close() {
    path.conductor().linkDown();
    path.tables().close();
    tun.close();
    path.outbound().onClose();
    path.inbound().onClose();
    path.conductor().end();
    conductor.remove(path.conductor());
    path.memory().close();
    keys.close();
  }

  private final class Link implements LinkObserver {
    @Override
    public void linkUp() {
      path.conductor().linkUp(clock.nowNs());
    }

    @Override
    public void linkDown() {
      path.conductor().linkDown();
    }

    @Override
    public void mtuChanged(int mtuBytes) {}

    @Override
    public void linkDeleted() {}
  }
}
