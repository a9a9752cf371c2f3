package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.health.NetworkHealth;
import cloud.runbeam.wgagent.app.health.PeerHealth;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One network as {@code status} shows it. Components become members in snake_case; what is not
 * known is left out.
 *
 * @param network its name
 * @param state {@code uninitialized, starting, active, stopping, stopped, error}
 * @param interfaceName the interface
 * @param publicKey of this side
 * @param listenPort the UDP port
 * @param mtu in bytes
 * @param uptimeSeconds since it became active
 * @param health {@code healthy, degraded, failed}
 * @param healthReasons why it is not healthy; absent when it is
 * @param peers the peers
 * @param traffic sums over all peers
 * @param host what it has changed on this machine beyond addresses and routes; absent if nothing
 * @param rotation the rotation of the private key, while one is in progress
 */
public record NetworkReport(
    String network,
    String state,
    @JsonProperty("interface") String interfaceName,
    Optional<String> publicKey,
    Optional<Integer> listenPort,
    Optional<Integer> mtu,
    Optional<Long> uptimeSeconds,
    String health,
    Optional<List<String>> healthReasons,
    Peers peers,
    Traffic traffic,
    Optional<HostReport> host,
    Optional<RotateKeysMethod.Rotated> rotation) {

  /** The report on {@code status}. */
  static NetworkReport of(NetworkStatus status, NetworkHealth health) {
    Optional<DeviceSnapshot> device = status.device();
    List<PeerReport> detail = new ArrayList<>();
    long txBytes = 0;
    long rxBytes = 0;
    List<PeerSnapshot> snapshots = device.map(DeviceSnapshot::peers).orElse(List.of());
    for (int i = 0; i < snapshots.size(); i++) {
      PeerSnapshot peer = snapshots.get(i);
      detail.add(PeerReport.of(peer, health.peers().get(i)));
      txBytes += peer.txBytes();
      rxBytes += peer.rxBytes();
    }
    return new NetworkReport(
        status.name(),
        status.state().code(),
        status.interfaceName(),
        device.flatMap(DeviceSnapshot::publicKey).map(PublicKey::toBase64),
        device.map(DeviceSnapshot::listenPort),
        device.map(DeviceSnapshot::mtuBytes),
        status.uptime().map(Duration::toSeconds),
        health.verdict().code(),
        Optional.of(health.reasons()).filter(reasons -> !reasons.isEmpty()),
        new Peers(
            detail.size(),
            (int) health.peers().stream().filter(PeerHealth::active).count(),
            (int) health.peers().stream().filter(PeerHealth::healthy).count(),
            health.peers().stream().map(PeerHealth::name).toList(),
            detail),
        new Traffic(txBytes, rxBytes),
        HostReport.of(status.host()),
        status.rotation().map(RotateKeysMethod.Rotated::of));
  }

  /**
   * The peers of a network.
   *
   * @param total all
   * @param active those with a session
   * @param healthy those that do what can be expected
   * @param names in the order of {@code detail}
   * @param detail one by one
   */
  public record Peers(
      int total, int active, int healthy, List<String> names, List<PeerReport> detail) {}

  /**
   * One peer.
   *
   * @param name in the configuration, otherwise the public key
   * @param publicKey in base64
   * @param endpoint where packets go
   * @param allowedIps in insertion order
   * @param lastHandshakeSeconds age of the last handshake
   * @param latencyMs round trip of the last handshake that we initiated
   * @param lossRatio share of its packets of the last minute that never came
   * @param txBytes sent to it
   * @param rxBytes received from it
   * @param state {@code active} with a session, {@code idle} without one being missed, {@code
   *     unreachable} otherwise
   * @param reason why it is unreachable
   */
  public record PeerReport(
      String name,
      String publicKey,
      Optional<String> endpoint,
      List<String> allowedIps,
      Optional<Long> lastHandshakeSeconds,
      Optional<Double> latencyMs,
      OptionalDouble lossRatio,
      long txBytes,
      long rxBytes,
      String state,
      Optional<String> reason) {

    private static PeerReport of(PeerSnapshot peer, PeerHealth health) {
      String state = health.active() ? "active" : health.healthy() ? "idle" : "unreachable";
      return new PeerReport(
          health.name(),
          health.publicKey(),
          peer.endpoint().map(Endpoint::toString),
          peer.allowedIps().stream().map(IpPrefix::toString).toList(),
          health.handshakeAge().map(Duration::toSeconds),
          peer.handshakeRoundTrip().map(time -> Math.round(time.toNanos() / 1e3) / 1e3),
          peer.quality().lossRatio(),
          peer.txBytes(),
          peer.rxBytes(),
          state,
          Optional.of(health.reason()).filter(reason -> !reason.isEmpty()));
    }
  }

  /**
   * Sums over all peers.
   *
   * @param txBytes sent
   * @param rxBytes received
   */
  public record Traffic(long txBytes, long rxBytes) {}
}
