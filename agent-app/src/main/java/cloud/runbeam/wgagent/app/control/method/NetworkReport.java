package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.health.NetworkHealth;
import cloud.runbeam.wgagent.app.health.PeerHealth;
import cloud.runbeam.wgagent.app.host.HostStatus;
import cloud.runbeam.wgagent.app.probe.ProbeResult;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
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
import java.util.OptionalInt;

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
 * @param rotation the rotation of the private key, while one is in progress
 * @param host how it stands on this machine, while it is up
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
    Optional<RotateKeysMethod.Rotated> rotation,
    Optional<HostReport> host) {

  /** The report on {@code status}. */
  static NetworkReport of(NetworkStatus status, NetworkHealth health, ProbeResults probes) {
    Optional<DeviceSnapshot> device = status.device();
    List<PeerReport> detail = new ArrayList<>();
    long txBytes = 0;
    long rxBytes = 0;
    List<PeerSnapshot> snapshots = device.map(DeviceSnapshot::peers).orElse(List.of());
    for (int i = 0; i < snapshots.size(); i++) {
      PeerSnapshot peer = snapshots.get(i);
      detail.add(
          PeerReport.of(
              peer,
              health.peers().get(i),
              status.endpointProblem(peer.publicKey()),
              probes.of(status.name(), peer.publicKey())));
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
        status.rotation().map(RotateKeysMethod.Rotated::of),
        status.host().map(HostReport::of));
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
   * @param endpointProblem why the endpoint cannot be found at present
   * @param latencyMs round trip of the last probe, otherwise of the last handshake we initiated
   * @param lossRatio share of its packets of the last minute that never came
   * @param txBytes sent to it
   * @param rxBytes received from it
   * @param state {@code active} with a session, {@code idle} without one being missed, {@code
   *     unreachable} otherwise
   * @param reason why it is unreachable
   * @param probe what probing inside the tunnel found
   */
  public record PeerReport(
      String name,
      String publicKey,
      Optional<String> endpoint,
      Optional<String> endpointProblem,
      List<String> allowedIps,
      Optional<Long> lastHandshakeSeconds,
      Optional<Double> latencyMs,
      OptionalDouble lossRatio,
      long txBytes,
      long rxBytes,
      String state,
      Optional<String> reason,
      Optional<ProbeReport> probe) {

    private static PeerReport of(
        PeerSnapshot peer,
        PeerHealth health,
        Optional<String> endpointProblem,
        Optional<ProbeResult> probe) {
      Optional<Duration> latency = probe.flatMap(ProbeResult::latency).or(peer::handshakeRoundTrip);
      String state = health.active() ? "active" : health.healthy() ? "idle" : "unreachable";
      return new PeerReport(
          health.name(),
          health.publicKey(),
          peer.endpoint().map(Endpoint::toString),
          endpointProblem,
          peer.allowedIps().stream().map(IpPrefix::toString).toList(),
          health.handshakeAge().map(Duration::toSeconds),
          latency.map(time -> Math.round(time.toNanos() / 1e3) / 1e3),
          peer.quality().lossRatio(),
          peer.txBytes(),
          peer.rxBytes(),
          state,
          Optional.of(health.reason()).filter(reason -> !reason.isEmpty()),
          probe.map(ProbeReport::of));
    }
  }

  /**
   * What probing inside the tunnel found.
   *
   * @param lossRatio share of the last echoes that was not answered
   * @param pathMtu the longest packet that was found to pass, in bytes
   * @param blackHole whether packets as long as the interface takes are lost on the way
   * @param problem why there is no answer
   */
  public record ProbeReport(
      double lossRatio, OptionalInt pathMtu, boolean blackHole, Optional<String> problem) {
    private static ProbeReport of(ProbeResult result) {
      return new ProbeReport(
          result.lossRatio(), result.pathMtuBytes(), result.blackHole(), result.problem());
    }
  }

  /**
   * How a network stands on this machine.
   *
   * @param dns what sets the name servers: {@code resolved, networkmanager, resolvconf, file, none}
   * @param killSwitch what the self-check of the kill switch found, where the network has one
   * @param table the table of our own default route, where there is one
   * @param fwmark mark of outer packets, 0 for none
   * @param remarks what could not be done as asked
   */
  public record HostReport(
      String dns,
      Optional<KillSwitchReport> killSwitch,
      OptionalInt table,
      long fwmark,
      List<String> remarks) {
    private static HostReport of(HostStatus host) {
      return new HostReport(
          host.dnsBackend(),
          host.killSwitch()
              .map(verdict -> new KillSwitchReport(verdict.blocking(), verdict.text())),
          host.table(),
          Integer.toUnsignedLong(host.fwmark()),
          host.remarks());
    }
  }

  /**
   * A kill switch.
   *
   * @param blocking whether it was read back and lets nothing out but what it should
   * @param text the finding in words
   */
  public record KillSwitchReport(boolean blocking, String text) {}

  /**
   * Sums over all peers.
   *
   * @param txBytes sent
   * @param rxBytes received
   */
  public record Traffic(long txBytes, long rxBytes) {}
}
