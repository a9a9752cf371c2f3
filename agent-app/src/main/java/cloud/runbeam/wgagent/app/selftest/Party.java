package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.app.demo.MemoryTun;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.X25519;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** One device of the self-test with the host behind it, which only counts what arrives. */
final class Party implements AutoCloseable {
  /** Outer port of every party. */
  static final int PORT = 51_820;

  static final int MTU_BYTES = 1_420;
  private static final int IPV4_HEADER_BYTES = 20;
  private static final int UDP = 17;

  private final WireGuardEngine engine;
  private final WireGuardDevice device;
  private final MemoryTun tun;
  private final EntropySource entropy;
  private final MemoryWire.End end;
  private final int innerAddress;
  private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
  private PublicKey publicKey;

  Party(String name, EnginePorts ports, MemoryWire.End end, int innerAddress)
      throws DeviceException {
    this.entropy = ports.entropy();
    this.end = end;
    this.innerAddress = innerAddress;
    this.tun = new MemoryTun(name, MTU_BYTES, received::add);
    this.engine = WireGuardEngine.start(ports);
    this.device = engine.open(tun);
    this.publicKey = takeNewKey();
  }

  /** Gives the device a fresh identity. */
  PublicKey takeNewKey() throws DeviceException {
    SecretKey key = X25519.generate(engine.keys(), entropy);
    publicKey = key.publicKey();
    device.apply(
        new DeviceChange(Optional.of(key), Optional.of(PORT), Optional.empty(), false, List.of()));
    return publicKey;
  }

  /** Begins to replace the identity by a fresh one while sessions go on. */
  void beginRotation() throws DeviceException {
    SecretKey key = X25519.generate(engine.keys(), entropy);
    publicKey = key.publicKey();
    device.beginRotation(key, List.of());
  }

  /** Ends the rotation; the new identity stays. */
  boolean commitRotation() throws DeviceException {
    return device.endRotation(true);
  }

  PublicKey publicKey() {
    return publicKey;
  }

  MemoryWire.End end() {
    return end;
  }

  /** Tells the device about the other one, under a key that need not be right. */
  void meet(Party other, PublicKey key, byte[] presharedKey, boolean withEndpoint)
      throws DeviceException {
    Optional<Endpoint> endpoint =
        withEndpoint ? Optional.of(other.end.endpoint(PORT)) : Optional.empty();
    PeerChange peer =
        new PeerChange(
            key,
            false,
            false,
            Optional.of(engine.keys().copyOf(presharedKey)),
            endpoint,
            Optional.empty(),
            true,
            List.of(IpPrefix.ipv4(other.innerAddress, 32)),
            List.of());
    device.apply(
        new DeviceChange(
            Optional.empty(), Optional.empty(), Optional.empty(), true, List.of(peer)));
  }

  /** Learns that the other one has another key now; the old entry stays without prefixes. */
  void learnNewKey(Party other, byte[] presharedKey) throws DeviceException {
    device.apply(
        DeviceChange.ofPeers(
            List.of(
                new PeerChange(
                    other.publicKey,
                    false,
                    false,
                    Optional.of(engine.keys().copyOf(presharedKey)),
                    Optional.of(other.end.endpoint(PORT)),
                    Optional.empty(),
                    false,
                    List.of(IpPrefix.ipv4(other.innerAddress, 32)),
                    List.of()))));
  }

  /** Forgets a peer. */
  void forget(PublicKey peer) throws DeviceException {
    device.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(peer))));
  }

  /** Gives the one peer another preshared key. */
  void changePresharedKey(PublicKey peer, byte[] presharedKey) throws DeviceException {
    device.apply(
        DeviceChange.ofPeers(
            List.of(
                new PeerChange(
                    peer,
                    false,
                    true,
                    Optional.of(engine.keys().copyOf(presharedKey)),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    List.of(),
                    List.of()))));
  }

  /** Lets the conductor look at the clock. */
  void nudge() throws DeviceException {
    device.apply(DeviceChange.ofPeers(List.of()));
  }

  /** Routes a packet for {@code other} into the tunnel and returns it. */
  byte[] send(Party other, byte[] payload) {
    return send(innerAddress, other, payload);
  }

  /** The same from any source address. */
  byte[] send(int source, Party other, byte[] payload) {
    ByteBuffer packet = ByteBuffer.allocate(IPV4_HEADER_BYTES + payload.length);
    packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity()).putInt(0);
    // Hop limit, protocol, and no checksum: the engine carries it as it is.
    packet.put((byte) 64).put((byte) UDP).putShort((short) 0);
    packet.putInt(source).putInt(other.innerAddress).put(payload);
    tun.offer(packet.array());
    return packet.array();
  }

  /** What came out of the tunnel and was not taken yet, oldest first. */
  BlockingQueue<byte[]> received() {
    return received;
  }

  DeviceSnapshot snapshot() {
    return device.snapshot();
  }

  /** The one peer. */
  PeerSnapshot peer() {
    return device.snapshot().peers().getFirst();
  }

  /** Packets lost for a reason, with and without a peer. */
  long drops(DropReason reason) {
    DeviceSnapshot snapshot = device.snapshot();
    return count(snapshot.drops(), reason)
        + snapshot.peers().stream().mapToLong(peer -> count(peer.drops(), reason)).sum();
  }

  /** The name of the device and what it lost so far, by reason. */
  String lossesText() {
    DeviceSnapshot snapshot = device.snapshot();
    StringBuilder text = new StringBuilder(tun.name()).append(", losses so far: ");
    text.append(snapshot.drops());
    snapshot.peers().forEach(peer -> text.append(' ').append(peer.drops()));
    return text.toString();
  }

  private static long count(Map<DropReason, Long> drops, DropReason reason) {
    return drops.getOrDefault(reason, 0L);
  }

  int keysInUse() {
    return engine.keys().keysInUse();
  }

  @Override
  public void close() {
    engine.close();
  }
}
