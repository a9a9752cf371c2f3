package cloud.runbeam.wgagent.engine.live;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.testkit.UnguardedMemory;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many peers, many prefixes, many devices, many changes, with real threads. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class ScaleTest {
  private static final int PEERS = 10_000;
  private static final int PREFIXES_PER_PEER = 13;
  private static final int ALICE = 0x0A00_0001;
  private static final int BOB = 0x0A00_0002;

  private final MemoryNetwork network = new MemoryNetwork();
  private final QueueTun aliceTun = new QueueTun("alice");
  private final QueueTun bobTun = new QueueTun("bob");
  private WireGuardEngine engine;
  private WireGuardDevice alice;
  private WireGuardDevice bob;

  @BeforeEach
  void open() {
    engine =
        WireGuardEngine.start(
            new EnginePorts(
                network,
                System::nanoTime,
                Instant::now,
                new SeededEntropy(7),
                new UnguardedMemory()));
    alice = engine.open(aliceTun);
    bob = engine.open(bobTun);
  }

  @AfterEach
  void end() {
    engine.close();
  }

  @Test
  void carriesTenThousandPeersAndAHundredAndThirtyThousandPrefixes() throws Exception {
    connect();
    aliceTun.send(packet(ALICE, BOB, 0));
    bobTun.await();
    int keysBefore = engine.keys().keysInUse();
    long heapBefore = usedHeap();
    long start = System.nanoTime();
    alice.apply(DeviceChange.ofPeers(manyPeers()));
    long tookMs = (System.nanoTime() - start) / 1_000_000;
    long heap = usedHeap() - heapBefore;
    System.out.printf(
        "%d peers with %d prefixes: configured in %d ms, %d heap bytes and %d keys per peer%n",
        PEERS,
        PEERS * PREFIXES_PER_PEER,
        tookMs,
        heap / PEERS,
        (engine.keys().keysInUse() - keysBefore) / PEERS);

    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger snapshots = new AtomicInteger();
    Thread watcher =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.get()) {
                DeviceSnapshot seen = alice.snapshot();
                if (seen.peers().size() == PEERS + 1) {
                  snapshots.incrementAndGet();
                }
              }
            });
    for (int i = 1; i <= 5_000 || snapshots.get() == 0; i++) {
      aliceTun.send(packet(ALICE, BOB, i));
      assertThat(sequenceOf(bobTun.await())).isEqualTo(i & 0xFFFF);
    }
    done.set(true);
    watcher.join();
    assertThat(alice.snapshot().peers().stream().mapToInt(peer -> peer.allowedIps().size()).sum())
        .isEqualTo(PEERS * PREFIXES_PER_PEER + 1);

    start = System.nanoTime();
    alice.apply(
        new DeviceChange(Optional.empty(), Optional.empty(), Optional.empty(), true, List.of()));
    System.out.printf(
        "removed in %d ms; %d snapshots meanwhile%n",
        (System.nanoTime() - start) / 1_000_000, snapshots.get());
    assertThat(alice.snapshot().peers()).isEmpty();
    assertThat(engine.keys().keysInUse()).isLessThan(keysBefore + 10);
  }

  @Test
  void losesNoPacketOfAPeerThroughAThousandChangesToOthers() throws Exception {
    connect();
    aliceTun.send(packet(ALICE, BOB, 0));
    bobTun.await();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger carried = new AtomicInteger();
    Thread traffic =
        Thread.ofPlatform()
            .start(() -> {
              try {
                for (int i = 1; !done.get(); i++) {
                  aliceTun.send(packet(ALICE, BOB, i));
                  if (sequenceOf(bobTun.await()) != (i & 0xFFFF)) {
                    return; // carried stops growing, which the test sees
                  }
                  carried.set(i);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    for (int i = 0; i < 1_000; i++) {
      alice.apply(change(i));
    }
    int whenChanged = carried.get();
    done.set(true);
    traffic.join();
    System.out.printf("1000 changes while %d packets passed%n", whenChanged);
    assertThat(carried.get()).isGreaterThanOrEqualTo(whenChanged).isPositive();
    assertThat(alice.snapshot().drops()).isEmpty();
    assertThat(bob.snapshot().drops()).isEmpty();
    assertThat(peerOf(bob, alice).rxPackets()).isGreaterThanOrEqualTo(carried.get());
    assertThat(peerOf(bob, alice).drops()).isEmpty();
    assertThat(peerOf(alice, bob).drops()).isEmpty();
    // The last packet came, too: nothing was lost on the way to the end.
    aliceTun.send(packet(ALICE, BOB, 60_000));
    assertThat(sequenceOf(bobTun.await())).isEqualTo(60_000);
    assertThat(peerOf(alice, bob).handshakesCompleted()).isOne();
  }

  @Test
  void runsManyDevicesInOneProcess() throws Exception {
    int devices = 8;
    List<QueueTun> tuns = new ArrayList<>();
    List<WireGuardDevice> ring = new ArrayList<>();
    List<PublicKey> keys = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      QueueTun tun = new QueueTun("ring" + i);
      WireGuardDevice device = engine.open(tun);
      keys.add(configure(device, "ring " + i, 2_000 + i));
      tuns.add(tun);
      ring.add(device);
    }
    for (int i = 0; i < devices; i++) {
      int next = (i + 1) % devices;
      int before = (i + devices - 1) % devices;
      ring.get(i)
          .apply(
              DeviceChange.ofPeers(
                  List.of(
                      peer(keys.get(next), 2_000 + next, IpPrefix.ipv4(ALICE + 16 + next, 32)),
                      peer(
                          keys.get(before),
                          2_000 + before,
                          IpPrefix.ipv4(ALICE + 16 + before, 32)))));
    }
    for (int i = 0; i < devices; i++) {
      tuns.get(i).send(packet(ALICE + 16 + i, ALICE + 16 + (i + 1) % devices, i));
    }
    for (int i = 0; i < devices; i++) {
      assertThat(sequenceOf(tuns.get((i + 1) % devices).await())).isEqualTo(i);
    }
    ring.subList(0, 4).forEach(WireGuardDevice::close);
    tuns.get(5).send(packet(ALICE + 16 + 5, ALICE + 16 + 6, 99));
    assertThat(sequenceOf(tuns.get(6).await())).isEqualTo(99);
    ring.forEach(WireGuardDevice::close);
    assertThat(engine.devices()).containsExactly(alice, bob);
    assertThat(engine.keys().keysInUse()).as("keys of closed devices").isZero();
  }

  private void connect() throws DeviceException {
    PublicKey aliceKey = configure(alice, "alice", 1_001);
    PublicKey bobKey = configure(bob, "bob", 1_002);
    alice.apply(DeviceChange.ofPeers(List.of(peer(bobKey, 1_002, IpPrefix.ipv4(BOB, 32)))));
    bob.apply(DeviceChange.ofPeers(List.of(peer(aliceKey, 0, IpPrefix.ipv4(ALICE, 32)))));
  }

  private static PeerSnapshot peerOf(WireGuardDevice device, WireGuardDevice other) {
    PublicKey key = other.snapshot().publicKey().orElseThrow();
    return device.snapshot().peers().stream()
        .filter(peer -> peer.publicKey().equals(key))
        .findFirst()
        .orElseThrow();
  }

  private static List<PeerChange> manyPeers() {
    List<PeerChange> peers = new ArrayList<>(PEERS);
    for (int i = 0; i < PEERS; i++) {
      List<IpPrefix> prefixes = new ArrayList<>(PREFIXES_PER_PEER);
      for (int j = 0; j < PREFIXES_PER_PEER; j++) {
        prefixes.add(IpPrefix.ipv4(0x2000_0000 + (i * PREFIXES_PER_PEER + j) * 16, 28));
      }
      peers.add(
          new PeerChange(
              key(i),
              false,
              false,
              Optional.empty(),
              Optional.of(Endpoint.ipv4(0x7F00_0001, 30_000)),
              Optional.empty(),
              false,
              prefixes,
              List.of()));
    }
    return peers;
  }

  /** One of the things that operators do, to peers that carry nothing. */
  private DeviceChange change(int number) {
    PublicKey key = key(number % 50);
    if (number % 7 == 6) {
      return DeviceChange.ofPeers(List.of(PeerChange.removal(key)));
    }
    return DeviceChange.ofPeers(
        List.of(
            new PeerChange(
                key,
                false,
                false,
                number % 3 == 0
                    ? Optional.of(TestKeys.secret(engine.keys(), "psk " + number))
                    : Optional.empty(),
                Optional.of(Endpoint.ipv4(0x7F00_0001, 30_000 + number)),
                Optional.of(number % 2),
                number % 5 == 0,
                List.of(
                    IpPrefix.ipv4(0x3000_0000 + number * 256, 24),
                    IpPrefix.ipv4(0x0A00_0100 + number % 200, 32)),
                List.of(IpPrefix.ipv4(0x3000_0000 + (number - 1) * 256, 24)))));
  }

  private static PublicKey key(int number) {
    return PublicKey.fromBytes(TestKeys.bytes("peer " + number));
  }

  private static PublicKey configure(WireGuardDevice device, String label, int port)
      throws DeviceException {
    SecretKey key = TestKeys.privateKey(device.keys(), label);
    PublicKey publicKey = key.publicKey();
    device.apply(
        new DeviceChange(Optional.of(key), Optional.of(port), Optional.empty(), false, List.of()));
    return publicKey;
  }

  private static PeerChange peer(PublicKey key, int port, IpPrefix prefix) {
    return new PeerChange(
        key,
        false,
        false,
        Optional.empty(),
        port == 0 ? Optional.empty() : Optional.of(MemoryNetwork.endpoint(port)),
        Optional.empty(),
        false,
        List.of(prefix),
        List.of());
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static int sequenceOf(byte[] packet) {
    return ByteBuffer.wrap(packet).getShort(4) & 0xFFFF;
  }

  /** An IPv4 packet whose identification is a sequence number. */
  private static byte[] packet(int source, int destination, int sequence) {
    byte[] packet = new byte[64];
    ByteBuffer.wrap(packet)
        .put(0, (byte) 0x45)
        .putShort(2, (short) packet.length)
        .putShort(4, (short) sequence)
        .putInt(12, source)
        .putInt(16, destination);
    return packet;
  }
}
