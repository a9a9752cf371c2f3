package cloud.runbeam.wgagent.engine.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.memory.PacketArena;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.UnguardedMemory;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeviceTrafficTest {
  private static final int ALICE = 0x0A00_0001;
  private static final int BOB = 0x0A00_0002;
  private static final int WAIT_SECONDS = 10;

  private final int arenasBefore = PacketArena.openArenas();
  private final MemoryNetwork network = new MemoryNetwork();
  private final WireGuardEngine engine =
      WireGuardEngine.start(
          new EnginePorts(
              network,
              System::nanoTime,
              Instant::now,
              new SeededEntropy(42),
              new UnguardedMemory()));
  private final QueueTun aliceTun = new QueueTun("alice");
  private final QueueTun bobTun = new QueueTun("bob");
  private WireGuardDevice alice = engine.open(aliceTun);
  private WireGuardDevice bob = engine.open(bobTun);
  private PublicKey aliceKey = PublicKey.fromBytes(new byte[32]);
  private PublicKey bobKey = aliceKey;

  @BeforeEach
  void connect() throws DeviceException {
    aliceKey = configure(alice, "alice", 1001);
    bobKey = configure(bob, "bob", 1002);
    alice.apply(DeviceChange.ofPeers(List.of(peer(bobKey, 1002, IpPrefix.ipv4(BOB, 32)))));
    bob.apply(DeviceChange.ofPeers(List.of(peer(aliceKey, 0, IpPrefix.ipv4(ALICE, 32)))));
  }

  @AfterEach
  void releasesAllMemoryAndKeys() {
    engine.close();
    assertThat(PacketArena.openArenas()).isEqualTo(arenasBefore);
  }

  @Test
  void carriesPacketsBothWaysAfterOneHandshake() throws InterruptedException {
    for (int i = 0; i < 500; i++) {
      aliceTun.send(packet(ALICE, BOB, i, 20 + i * 2));
    }
    for (int i = 0; i < 500; i++) {
      if (i == 1) {
        // The responder may send now.
        bobTun.send(packet(BOB, ALICE, 0, 100));
      }
      // All but those that overflowed the staging queue before the session stood; the newest
      // survive.
      byte[] got = bobTun.await();
      if (ByteBuffer.wrap(got).getInt(16) == BOB && sequenceOf(got) == 499) {
        break;
      }
    }
    assertThat(aliceTun.await()).isEqualTo(packet(BOB, ALICE, 0, 100));
    PeerSnapshot seen = only(alice);
    assertThat(seen.sessionEstablished()).isTrue();
    assertThat(seen.handshakesCompleted()).isOne();
    assertThat(seen.handshakeRoundTrip()).isPresent();
    assertThat(seen.drops()).doesNotContainKey(DropReason.AUTHENTICATION_FAILED);
    assertThat(only(bob).endpoint()).contains(MemoryNetwork.endpoint(1001));
  }

  @Test
  void dropsInnerSourcesThatThePeerMayNotUse() throws InterruptedException {
    aliceTun.send(packet(0x0A00_0063, BOB, 1, 50));
    aliceTun.send(packet(ALICE, BOB, 2, 50));

    assertThat(sequenceOf(bobTun.await())).isEqualTo(2);
    assertThat(only(bob).drops()).containsEntry(DropReason.SOURCE_NOT_ALLOWED, 1L);
  }

  @Test
  void countsWhatHasNoPeerAndWhatIsNoPacket() throws InterruptedException {
    aliceTun.send(packet(ALICE, 0x0A00_0063, 1, 50));
    aliceTun.send(new byte[] {1, 2, 3});
    aliceTun.send(packet(ALICE, BOB, 2, 50));
    assertThat(bobTun.await()).isNotNull();

    assertThat(alice.snapshot().drops())
        .containsEntry(DropReason.NO_PEER_FOR_DESTINATION, 1L)
        .containsEntry(DropReason.MALFORMED_INNER_PACKET, 1L);
  }

  @Test
  void survivesGarbageAndCountsIt() throws InterruptedException {
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = new byte[random.nextInt(200)];
      random.nextBytes(garbage);
      if (garbage.length > 4 && random.nextBoolean()) {
        garbage[0] = (byte) (1 + random.nextInt(4));
        garbage[1] = garbage[2] = garbage[3] = 0;
      }
      network.inject(garbage, 9, 1002);
    }
    aliceTun.send(packet(ALICE, BOB, 7, 50));

    assertThat(bobTun.await()).isEqualTo(packet(ALICE, BOB, 7, 50));
    assertThat(bob.snapshot().drops()).containsKey(DropReason.MALFORMED_MESSAGE);
  }

  @Test
  void callsAPeerToWhomNobodySends() throws Exception {
    alice.handshakeNow(PublicKey.fromBytes(new byte[32]));
    alice.handshakeNow(bobKey);

    awaitCompleted(alice);
    assertThat(only(alice).handshakesInitiated()).isOne();
    alice.handshakeNow(bobKey);
    assertThat(only(alice).handshakesInitiated()).as("a second call within Rekey-Timeout").isOne();
    assertThat(only(alice).sessionEstablished()).isTrue();
  }

  private static void awaitCompleted(WireGuardDevice device) {
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (only(device).handshakesCompleted() == 0) {
      assertThat(System.nanoTime() - deadlineNs).as("no handshake").isNegative();
      Thread.onSpinWait();
    }
  }

  @Test
  void needsTheSamePresharedKeyOnBothSides() throws Exception {
    SecretKey psk = secret("psk");
    alice.apply(DeviceChange.ofPeers(List.of(withPsk(bobKey, psk))));
    aliceTun.send(packet(ALICE, BOB, 1, 50));
    assertThat(bobTun.receive(1)).isNull();

    bob.apply(DeviceChange.ofPeers(List.of(withPsk(aliceKey, secret("psk")))));
    // The initiation is repeated after REKEY_TIMEOUT; the staged packet goes then.
    assertThat(bobTun.await()).isEqualTo(packet(ALICE, BOB, 1, 50));
    assertThat(only(alice).hasPresharedKey()).isTrue();
  }

  @Test
  void followsAReplacedPrivateKey() throws Exception {
    aliceTun.send(packet(ALICE, BOB, 1, 50));
    assertThat(bobTun.await()).isNotNull();

    SecretKey next = secret("alice the second");
    next.clamp();
    PublicKey nextKey = next.publicKey();
    bob.apply(
        DeviceChange.ofPeers(
            List.of(PeerChange.removal(aliceKey), peer(nextKey, 0, IpPrefix.ipv4(ALICE, 32)))));
    alice.apply(
        new DeviceChange(Optional.of(next), Optional.empty(), Optional.empty(), false, List.of()));
    aliceTun.send(packet(ALICE, BOB, 2, 50));

    assertThat(bobTun.await()).isEqualTo(packet(ALICE, BOB, 2, 50));
    assertThat(alice.snapshot().publicKey()).contains(nextKey);
    assertThat(only(bob).publicKey()).isEqualTo(nextKey);
  }

  @Test
  void followsAPeerThatChangesItsPort() throws Exception {
    aliceTun.send(packet(ALICE, BOB, 1, 50));
    assertThat(bobTun.await()).isNotNull();

    alice.apply(
        new DeviceChange(Optional.empty(), Optional.of(1003), Optional.empty(), false, List.of()));
    aliceTun.send(packet(ALICE, BOB, 2, 50));
    assertThat(bobTun.await()).isNotNull();
    bobTun.send(packet(BOB, ALICE, 3, 50));

    assertThat(aliceTun.await()).isEqualTo(packet(BOB, ALICE, 3, 50));
    assertThat(only(bob).endpointChanges()).isOne();
    assertThat(only(bob).endpoint()).contains(MemoryNetwork.endpoint(1003));
  }

  @Test
  void refusesAPortThatIsTakenAndChangesNothing() {
    DeviceChange taken =
        new DeviceChange(
            Optional.empty(),
            Optional.of(1002),
            Optional.empty(),
            true,
            List.of(peer(bobKey, 5, IpPrefix.ipv4(BOB, 32))));

    assertThatThrownBy(() -> alice.apply(taken))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("1002")
        .extracting(e -> ((DeviceException) e).reason())
        .isEqualTo(DeviceException.Reason.PORT_UNAVAILABLE);
    assertThat(alice.snapshot().listenPort()).isEqualTo(1001);
    assertThat(only(alice).endpoint()).contains(MemoryNetwork.endpoint(1002));
  }

  @Test
  void forgetsSessionsWhenTheLinkGoesDownAndMakesNewOnesWhenItComesUp() throws Exception {
    aliceTun.send(packet(ALICE, BOB, 1, 50));
    assertThat(bobTun.await()).isNotNull();

    aliceTun.link().linkDown();
    alice.apply(DeviceChange.ofPeers(List.of()));
    assertThat(alice.snapshot().up()).isFalse();
    assertThat(only(alice).sessionEstablished()).isFalse();
    aliceTun.link().linkUp();
    aliceTun.send(packet(ALICE, BOB, 2, 50));

    assertThat(bobTun.await()).isEqualTo(packet(ALICE, BOB, 2, 50));
  }

  @Test
  void removesAPeerWithEverythingThatWasItsOwn() throws Exception {
    aliceTun.send(packet(ALICE, BOB, 1, 50));
    assertThat(bobTun.await()).isNotNull();

    alice.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(bobKey))));
    aliceTun.send(packet(ALICE, BOB, 2, 50));
    bobTun.send(packet(BOB, ALICE, 3, 50));

    assertThat(aliceTun.receive(1)).isNull();
    assertThat(alice.snapshot().peers()).isEmpty();
    assertThat(alice.snapshot().drops())
        .containsEntry(DropReason.UNKNOWN_INDEX, 1L)
        .containsEntry(DropReason.NO_PEER_FOR_DESTINATION, 1L);
  }

  @Test
  void ignoresItsOwnKeyAsAPeer() throws Exception {
    alice.apply(DeviceChange.ofPeers(List.of(peer(aliceKey, 5, IpPrefix.ipv4(7, 32)))));

    assertThat(alice.snapshot().peers()).hasSize(1);
  }

  @Test
  void endsWhenTheInterfaceIsDeleted() throws Exception {
    aliceTun.deleteFromOutside();

    assertThat(alice.closed().get(WAIT_SECONDS, TimeUnit.SECONDS))
        .isEqualTo(CloseReason.LINK_DELETED);
    assertThatThrownBy(() -> alice.apply(DeviceChange.ofPeers(List.of())))
        .isInstanceOf(DeviceException.class);
    assertThat(engine.devices()).containsExactly(bob);
  }

  @Test
  void copiesSecretsForShowconfOnly() throws Exception {
    bob.apply(DeviceChange.ofPeers(List.of(withPsk(aliceKey, secret("psk")))));
    try (var secrets = bob.copySecrets();
        SecretKey psk = secret("psk")) {
      assertThat(secrets.privateKey().orElseThrow().publicKey()).isEqualTo(bobKey);
      assertThat(SecretKey.equal(secrets.presharedKey(aliceKey).orElseThrow(), psk)).isTrue();
    }
  }

  private static PeerSnapshot only(WireGuardDevice device) {
    List<PeerSnapshot> peers = device.snapshot().peers();
    assertThat(peers).hasSize(1);
    return peers.getFirst();
  }

  private PublicKey configure(WireGuardDevice device, String label, int port)
      throws DeviceException {
    SecretKey key = secret(label);
    key.clamp();
    PublicKey publicKey = key.publicKey();
    device.apply(
        new DeviceChange(Optional.of(key), Optional.of(port), Optional.empty(), false, List.of()));
    return publicKey;
  }

  private SecretKey secret(String label) {
    byte[] bytes = new byte[32];
    new Random(label.hashCode()).nextBytes(bytes);
    return engine.keys().copyOf(bytes);
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

  private static PeerChange withPsk(PublicKey key, SecretKey psk) {
    return new PeerChange(
        key,
        false,
        true,
        Optional.of(psk),
        Optional.empty(),
        Optional.empty(),
        false,
        List.of(),
        List.of());
  }

  private static int sequenceOf(byte[] packet) {
    return ByteBuffer.wrap(packet).getShort(4);
  }

  /** An IPv4 packet whose identification is a sequence number. */
  private static byte[] packet(int source, int destination, int sequence, int bytes) {
    byte[] packet = new byte[bytes];
    ByteBuffer.wrap(packet)
        .put(0, (byte) 0x45)
        .putShort(2, (short) bytes)
        .putShort(4, (short) sequence)
        .putInt(12, source)
        .putInt(16, destination);
    return packet;
  }
}
