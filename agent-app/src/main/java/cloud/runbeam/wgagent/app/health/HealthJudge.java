package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says how well a network is. A peer is held to what its configuration and its traffic promise:
 *
 * <table>
 * <caption>Peers</caption>
 * <tr><td>a session exists</td><td>healthy</td></tr>
 * <tr><td>never shook hands, we tried</td><td>not healthy: it does not answer</td></tr>
 * <tr><td>shook hands once, keepalive is on, session gone</td><td>not healthy: it fell silent</td></tr>
 * <tr><td>shook hands once, no keepalive</td><td>healthy: nobody had anything to say</td></tr>
 * <tr><td>never shook hands, nobody tried</td><td>healthy: it will call us, or we it</td></tr>
 * </table>
 *
 * <p>Any thread.
 */
public final class HealthJudge {
  private final WallClock clock;

  /** A judge who reads the age of handshakes off {@code clock}. */
  public HealthJudge(WallClock clock) {
    this.clock = clock;
  }

  /** Judges one network. */
  public NetworkHealth judge(NetworkStatus status) {
    if (status.state() == TunnelState.ERROR) {
      return new NetworkHealth(
          Verdict.FAILED, List.of(status.failure().orElse("failed without a reason")), List.of());
    }
    if (status.device().isEmpty()) {
      return new NetworkHealth(Verdict.HEALTHY, List.of(), List.of());
    }
    DeviceSnapshot device = status.device().get();
    List<PeerHealth> peers = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    Instant now = clock.now();
    for (PeerSnapshot peer : device.peers()) {
      PeerHealth health = judge(status.peerName(peer.publicKey()), peer, now);
      peers.add(health);
      if (!health.healthy()) {
        reasons.add("peer " + health.name() + ": " + health.reason());
      }
    }
    if (status.state() == TunnelState.ACTIVE && !device.up()) {
      reasons.addFirst(
          device
              .problem()
              .orElse(
                  "interface "
                      + device.interfaceName()
                      + " is down: ip link set "
                      + device.interfaceName()
                      + " up"));
      return new NetworkHealth(Verdict.FAILED, reasons, peers);
    }
    return new NetworkHealth(
        reasons.isEmpty() ? Verdict.HEALTHY : Verdict.DEGRADED, reasons, peers);
  }

  private static PeerHealth judge(String name, PeerSnapshot peer, Instant now) {
    // A wall clock that was set back makes an age negative; the handshake was just now, then.
    Optional<Duration> age =
        peer.lastHandshake()
            .map(at -> Duration.between(at, now))
            .map(between -> between.isNegative() ? Duration.ZERO : between);
    String reason = peer.sessionEstablished() ? "" : reason(peer, age);
    return new PeerHealth(
        name,
        peer.publicKey().toBase64(),
        peer.sessionEstablished(),
        reason.isEmpty(),
        reason,
        age);
  }

  private static String reason(PeerSnapshot peer, Optional<Duration> age) {
    if (age.isEmpty() && peer.handshakesInitiated() > 0) {
      return "no answer to "
          + peer.handshakesInitiated()
          + " handshakes to "
          + peer.endpoint().map(Endpoint::toString).orElse("an unknown endpoint")
          + "; check endpoint, firewall and the keys on both sides";
    }
    if (age.isPresent() && peer.persistentKeepaliveSeconds() > 0) {
      return "silent since the handshake "
          + age.get().toSeconds()
          + " s ago; check the way to it and whether it still runs";
    }
    return "";
  }
}
