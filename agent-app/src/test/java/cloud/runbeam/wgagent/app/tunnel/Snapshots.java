package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.EndpointName;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.config.Position;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.BufferSnapshot;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.LinkQuality;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Networks as status, health and metrics see them, without an engine. */
public final class Snapshots {
  /** When the handshakes of {@link #activePeer} completed. */
  public static final Instant HANDSHAKE = Instant.parse("2026-01-02T03:04:05Z");

  private Snapshots() {}

  /** A public key that belongs to {@code label}. */
  public static PublicKey key(String label) {
    return PublicKey.fromBytes(KeyFixtures.bytes(label));
  }

  /** A peer with a session, ten times as much received as sent. */
  public static PeerSnapshot activePeer(String label) {
    return peer(label, 25, Optional.of(HANDSHAKE), true, 3);
  }

  /** A peer that may have shaken hands. */
  public static PeerSnapshot peer(
      String label,
      int keepalive,
      Optional<Instant> lastHandshake,
      boolean session,
      long initiated) {
    return peer(
        key(label),
        lastHandshake.map(_ -> key("test key own")),
        keepalive,
        lastHandshake,
        session,
        initiated);
  }

  /** A peer whose last handshake, if there was one, was with {@code localIdentity}. */
  public static PeerSnapshot peerThatKnowsUsAs(PublicKey peer, Optional<PublicKey> localIdentity) {
    return peer(peer, localIdentity, 0, localIdentity.map(_ -> HANDSHAKE), false, 0);
  }

  private static PeerSnapshot peer(
      PublicKey publicKey,
      Optional<PublicKey> localIdentity,
      int keepalive,
      Optional<Instant> lastHandshake,
      boolean session,
      long initiated) {
    return new PeerSnapshot(
        publicKey,
        false,
        Optional.of(Endpoint.ipv4(0xC0000201, 51820)),
        List.of(IpPrefix.parse("10.42.0.0/16")),
        keepalive,
        lastHandshake,
        lastHandshake.isPresent() ? Optional.of(Duration.ofNanos(1_234_567)) : Optional.empty(),
        localIdentity,
        session,
        1_000,
        10_000,
        10,
        100,
        initiated,
        lastHandshake.isPresent() ? 2 : 0,
        1,
        new LinkQuality(
            OptionalDouble.of(0.25),
            OptionalDouble.of(0.125),
            OptionalDouble.empty(),
            Optional.empty()),
        Map.of(DropReason.REPLAYED_COUNTER, 5L),
        0,
        0);
  }

  /** A peer that shook hands at {@link #HANDSHAKE} and then left {@code initiations} unanswered. */
  public static PeerSnapshot unanswered(
      String label, boolean session, long initiations, Duration silence) {
    PeerSnapshot peer = peer(label, 0, Optional.of(HANDSHAKE), session, initiations + 1);
    LinkQuality quality =
        new LinkQuality(
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            Optional.of(silence));
    return copy(peer, peer.txBytes(), peer.rxBytes(), 1, quality, peer.drops(), initiations);
  }

  /** A peer with a session and these counts. */
  public static PeerSnapshot traffic(String label, long txBytes, long rxBytes, long completed) {
    PeerSnapshot peer = activePeer(label);
    return copy(peer, txBytes, rxBytes, completed, peer.quality(), peer.drops(), 0);
  }

  /** A peer that lost so many packets. */
  public static PeerSnapshot dropping(String label, long packets) {
    PeerSnapshot peer = activePeer(label);
    Map<DropReason, Long> drops = Map.of(DropReason.REPLAYED_COUNTER, packets);
    return copy(peer, peer.txBytes(), peer.rxBytes(), 2, peer.quality(), drops, 0);
  }

  private static PeerSnapshot copy(
      PeerSnapshot peer,
      long txBytes,
      long rxBytes,
      long completed,
      LinkQuality quality,
      Map<DropReason, Long> drops,
      long unanswered) {
    return new PeerSnapshot(
        peer.publicKey(),
        peer.hasPresharedKey(),
        peer.endpoint(),
        peer.allowedIps(),
        peer.persistentKeepaliveSeconds(),
        peer.lastHandshake(),
        peer.handshakeRoundTrip(),
        peer.localIdentity(),
        peer.sessionEstablished(),
        txBytes,
        rxBytes,
        peer.txPackets(),
        peer.rxPackets(),
        peer.handshakesInitiated(),
        completed,
        peer.endpointChanges(),
        quality,
        drops,
        0,
        unanswered);
  }

  /**
   * An active network. Peers named {@code core}, {@code laptop} and {@code hub} are in its
   * configuration, others are not; only {@code hub} has an endpoint there.
   */
  public static NetworkStatus active(PeerSnapshot... peers) {
    return new NetworkStatus(
        config(),
        TunnelState.ACTIVE,
        Optional.empty(),
        Optional.of(Duration.ofSeconds(90)),
        Optional.of(device(true, Optional.empty(), peers)));
  }

  /** A network whose device is there but has no sockets. */
  public static NetworkStatus withoutSockets(Optional<String> problem) {
    return new NetworkStatus(
        config(),
        TunnelState.ACTIVE,
        Optional.empty(),
        Optional.of(Duration.ofSeconds(90)),
        Optional.of(device(false, problem)));
  }

  /** A network without device. */
  public static NetworkStatus idle(TunnelState state, Optional<String> failure) {
    return new NetworkStatus(config(), state, failure, Optional.empty(), Optional.empty());
  }

  private static DeviceSnapshot device(
      boolean up, Optional<String> problem, PeerSnapshot... peers) {
    return device(Optional.of(key("test key own")), Optional.empty(), up, problem, List.of(peers));
  }

  /** A device that is up and may be rotating its key. */
  public static DeviceSnapshot device(
      Optional<PublicKey> publicKey, Optional<PublicKey> former, List<PeerSnapshot> peers) {
    return device(publicKey, former, true, Optional.empty(), peers);
  }

  private static DeviceSnapshot device(
      Optional<PublicKey> publicKey,
      Optional<PublicKey> former,
      boolean up,
      Optional<String> problem,
      List<PeerSnapshot> peers) {
    return new DeviceSnapshot(
        "wg0",
        publicKey,
        former,
        51_820,
        0,
        1_420,
        up,
        problem,
        peers,
        Map.of(DropReason.INVALID_MAC1, 7L),
        List.of(
            new OffloadState(OffloadState.TUN, true, "TCP super-packets"),
            new OffloadState(OffloadState.UDP_SEND, false, "sendmmsg with UDP_SEGMENT: EIO")),
        new BufferSnapshot(2_170, 2_176),
        0);
  }

  private static NetworkConfig config() {
    return new NetworkConfig(
        "default",
        true,
        "wg0",
        List.of(),
        OptionalInt.empty(),
        51_820,
        new KeySource.File(Path.of("/nowhere"), false, "key", Position.WHOLE_FILE),
        List.of(),
        List.of(),
        true,
        OptionalInt.empty(),
        0,
        false,
        false,
        List.of(
            peerConfig("core"),
            peerConfig("laptop"),
            peerConfig("hub", EndpointName.parse("192.0.2.1:51820"))),
        Position.WHOLE_FILE);
  }

  private static PeerConfig peerConfig(String label, EndpointName... endpoints) {
    return new PeerConfig(
        label,
        key(label),
        Optional.empty(),
        List.of(endpoints),
        List.of(),
        0,
        Optional.empty(),
        "",
        Position.WHOLE_FILE);
  }
}
