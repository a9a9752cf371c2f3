package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;
import cloud.runbeam.wgagent.engine.path.ConductorAgent;
import cloud.runbeam.wgagent.engine.path.DevicePath;
import cloud.runbeam.wgagent.engine.path.TimestampGuard;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.io.IOException;

/** A device whose agents are stepped by hand, between a {@link FeedTun} and a {@link Wire}. */
final class BenchDevice implements AutoCloseable {
  private final FeedTun tun;
  private final Wire wire;
  private final ManualClock clock;
  private final KeyArena keys = TestKeys.arena();
  private final ConductorAgent conductor;
  private final DevicePath path;

  BenchDevice(String label, FrameHeader header, Wire wire, ManualClock clock) {
    this.tun = new FeedTun(label, header);
    this.wire = wire;
    this.clock = clock;
    this.conductor = new ConductorAgent(clock);
    this.path =
        DevicePath.assemble(
            tun,
            new DevicePath.Parts(
                wire,
                clock,
                clock,
                new TimestampGuard(clock, TimestampStore.NONE),
                new SeededEntropy(label.hashCode()),
                keys,
                AeadProviders.best()),
            conductor);
    conductor.add(path.conductor());
    path.conductor().setIdentity(TestKeys.privateKey(keys, label));
    path.conductor().linkUp(clock.nowNs());
  }

  PublicKey publicKey() {
    return path.conductor().publicKey().orElseThrow();
  }

  FeedTun tun() {
    return tun;
  }

  Wire wire() {
    return wire;
  }

  KeyArena keys() {
    return keys;
  }

  DevicePath path() {
    return path;
  }

  /** Adds a peer that has {@code prefix}. */
  Peer addPeer(PublicKey key, Endpoint endpoint, String prefix) {
    Peer peer = path.conductor().add(key).peer();
    peer.setEndpoint(endpoint);
    path.tables().setAllowedIps(path.tables().allowedIps().with(IpPrefix.parse(prefix), peer));
    path.conductor().publishPeers();
    return peer;
  }

  void outbound() throws IOException {
    path.outbound().doWork();
  }

  void inbound() throws IOException {
    path.inbound().doWork();
  }

  boolean conductor() {
    return conductor.work();
  }

  /** Receives all that has arrived and lets the conductor do its part. */
  boolean settle() throws IOException {
    boolean worked = conductor();
    while (wire.isReadable()) {
      inbound();
      worked = true;
    }
    return worked;
  }

  @Override
  public void close() {
    path.conductor().linkDown();
    path.tables().close();
    path.outbound().onClose();
    path.inbound().onClose();
    path.conductor().end();
    conductor.remove(path.conductor());
    path.memory().close();
    keys.close();
  }

  ManualClock clock() {
    return clock;
  }
}
