package cloud.runbeam.wgagent.engine.status;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One peer at one moment; counters are read one by one without stopping traffic, so that they may
 * differ by packets in flight.
 *
 * @param publicKey the peer's identity
 * @param hasPresharedKey whether a preshared key is set (never the key)
 * @param endpoint where packets go, if known
 * @param allowedIps prefixes routed to this peer, in insertion order
 * @param persistentKeepaliveSeconds interval, 0 when off
 * @param lastHandshake when the last handshake completed, by the wall clock
 * @param handshakeRoundTrip initiation to response of the last handshake that we initiated
 * @param localIdentity our public key in the last handshake that led to a session: tells, while our
 *     key is being rotated, who has moved to the new one
 * @param sessionEstablished whether a keypair that may still send exists
 * @param txBytes bytes sent in transport and handshake messages, UDP payload included headers
 * @param rxBytes bytes received in authenticated transport and handshake messages
 * @param txPackets transport messages sent
 * @param rxPackets authenticated transport messages received
 * @param handshakesInitiated initiations sent, retries included
 * @param handshakesCompleted handshakes that led to a keypair, in either role
 * @param endpointChanges how often the endpoint moved by roaming
 * @param quality how well the peer's packets arrive
 * @param drops packets lost, by reason; reasons with zero are absent
 * @param handshakesFailed handshakes given up after all their retries
 * @param handshakesUnanswered initiations sent since the last handshake completed; while a peer
 *     answers, at most one
 */
public record PeerSnapshot(
    PublicKey publicKey,
    boolean hasPresharedKey,
    Optional<Endpoint> endpoint,
    List<IpPrefix> allowedIps,
    int persistentKeepaliveSeconds,
    Optional<Instant> lastHandshake,
    Optional<Duration> handshakeRoundTrip,
    Optional<PublicKey> localIdentity,
    boolean sessionEstablished,
    long txBytes,
    long rxBytes,
    long txPackets,
    long rxPackets,
    long handshakesInitiated,
    long handshakesCompleted,
    long endpointChanges,
    LinkQuality quality,
    Map<DropReason, Long> drops,
    long handshakesFailed,
    long handshakesUnanswered) {

  /** Copies the collections. */
  public PeerSnapshot {
    allowedIps = List.copyOf(allowedIps);
    drops = Map.copyOf(drops);
  }

  /** A peer of whose handshakes none failed and none is open, and whose last one is not known. */
  public PeerSnapshot(
      PublicKey publicKey,
      boolean hasPresharedKey,
      Optional<Endpoint> endpoint,
      List<IpPrefix> allowedIps,
      int persistentKeepaliveSeconds,
      Optional<Instant> lastHandshake,
      Optional<Duration> handshakeRoundTrip,
      boolean sessionEstablished,
      long txBytes,
      long rxBytes,
      long txPackets,
      long rxPackets,
      long handshakesInitiated,
      long handshakesCompleted,
      long endpointChanges,
      LinkQuality quality,
      Map<DropReason, Long> drops) {
    this(
        publicKey,
        hasPresharedKey,
        endpoint,
        allowedIps,
        persistentKeepaliveSeconds,
        lastHandshake,
        handshakeRoundTrip,
        Optional.empty(),
        sessionEstablished,
        txBytes,
        rxBytes,
        txPackets,
        rxPackets,
        handshakesInitiated,
        handshakesCompleted,
        endpointChanges,
        quality,
        drops,
        0,
        0);
  }
}
