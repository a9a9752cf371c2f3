package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.host.HostStatus;
import cloud.runbeam.wgagent.app.probe.ProbeResult;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
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
 * Says how well a network is. A peer is held to what its configuration and its traffic promise;
 * "unanswered" counts the initiations since the last completed handshake, of which a peer that
 * answers never leaves two behind:
 *
 * <table>
 * <caption>Peers</caption>
 * <tr><td>session, fewer than three unanswered</td><td>healthy</td></tr>
 * <tr><td>session, three unanswered, nothing heard for 15 s</td><td>not healthy: the session outlives the peer</td></tr>
 * <tr><td>session, none of the last echoes to its probe address answered</td><td>not healthy: the tunnel leads nowhere</td></tr>
 * <tr><td>no session, its endpoint cannot be found</td><td>not healthy, for that reason</td></tr>
 * <tr><td>never shook hands, two unanswered</td><td>not healthy: it does not answer</td></tr>
 * <tr><td>never shook hands, at most one unanswered</td><td>healthy: it will call us, or was just called</td></tr>
 * <tr><td>session gone, keepalive is on</td><td>not healthy: it fell silent</td></tr>
 * <tr><td>session gone, two unanswered, the configuration has its endpoint</td><td>not healthy: traffic waits for it</td></tr>
 * <tr><td>session gone, otherwise</td><td>healthy: nobody had anything to say, or it calls us when it is back</td></tr>
 * </table>
 *
 * <p>Any thread.
 */
public final class HealthJudge {
  /** One may be on its way; the second is sent because the first was not answered for 5 s. */
  private static final long SILENT_AFTER_INITIATIONS = 2;

  /** With a session one more: a lost message must not make a working tunnel look bad. */
  private static final long LOST_AFTER_INITIATIONS = 3;

  /** A peer answers data within KEEPALIVE_TIMEOUT + REKEY_TIMEOUT (paper, section 6.5). */
  private static final Duration LOST_AFTER = Duration.ofSeconds(15);

  private final WallClock clock;
  private final ProbeResults probes;

  /** A judge who reads the age of handshakes off {@code clock}. */
  public HealthJudge(WallClock clock) {
    this(clock, ProbeResults.NONE);
  }

  /** As {@link #HealthJudge(WallClock)}, holding peers to their probe addresses, too. */
  public HealthJudge(WallClock clock, ProbeResults probes) {
    this.clock = clock;
    this.probes = probes;
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
    Roster roster = Roster.of(status.config());
    for (PeerSnapshot peer : device.peers()) {
      String unanswered =
          probes
              .of(status.name(), peer.publicKey())
              .filter(found -> found.lossRatio() >= 1)
              .flatMap(ProbeResult::problem)
              .orElse("");
      PeerHealth health =
          judge(
              roster, peer, now, status.endpointProblem(peer.publicKey()).orElse(""), unanswered);
      peers.add(health);
      if (!health.healthy()) {
        reasons.add("peer " + health.name() + ": " + health.reason());
      }
    }
    status
        .host()
        .flatMap(HostStatus::killSwitch)
        .filter(verdict -> !verdict.blocking())
        .ifPresent(verdict -> reasons.addFirst("the kill switch does not hold: " + verdict.text()));
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

  private static PeerHealth judge(
      Roster roster, PeerSnapshot peer, Instant now, String endpointProblem, String probeProblem) {
    // A wall clock that was set back makes an age negative; the handshake was just now, then.
    Optional<Duration> age =
        peer.lastHandshake()
            .map(at -> Duration.between(at, now))
            .map(between -> between.isNegative() ? Duration.ZERO : between);
    String reason =
        peer.sessionEstablished()
            ? reasonDespiteSession(peer, probeProblem)
            : !endpointProblem.isEmpty()
                ? endpointProblem
                : age.isEmpty()
                    ? reasonWithoutContact(peer)
                    : reasonAfterContact(peer, age.get(), roster);
    return new PeerHealth(
        roster.name(peer.publicKey()),
        peer.publicKey().toBase64(),
        peer.sessionEstablished(),
        reason.isEmpty(),
        reason,
        age);
  }

  private static String reasonDespiteSession(PeerSnapshot peer, String probeProblem) {
    Duration silence = peer.quality().silentFor().orElse(Duration.ZERO);
    if (peer.handshakesUnanswered() < LOST_AFTER_INITIATIONS || silence.compareTo(LOST_AFTER) < 0) {
      return probeProblem;
    }
    return "not heard for "
        + silence.toSeconds()
        + " s, and no answer to "
        + peer.handshakesUnanswered()
        + " handshakes to "
        + endpoint(peer)
        + "; check the way to it and whether it still runs";
  }

  private static String reasonWithoutContact(PeerSnapshot peer) {
    if (peer.handshakesInitiated() < SILENT_AFTER_INITIATIONS) {
      return "";
    }
    return "no answer to "
        + peer.handshakesInitiated()
        + " handshakes to "
        + endpoint(peer)
        + "; check endpoint, firewall and the keys on both sides";
  }

  private static String reasonAfterContact(PeerSnapshot peer, Duration age, Roster roster) {
    if (peer.persistentKeepaliveSeconds() > 0) {
      return "silent since the handshake "
          + age.toSeconds()
          + " s ago; check the way to it and whether it still runs";
    }
    if (peer.handshakesUnanswered() >= SILENT_AFTER_INITIATIONS
        && roster.isCalledByUs(peer.publicKey())) {
      return "no answer to "
          + peer.handshakesUnanswered()
          + " handshakes to "
          + endpoint(peer)
          + " since the last one "
          + age.toSeconds()
          + " s ago; check the way to it and whether it still runs";
    }
    return "";
  }

  private static String endpoint(PeerSnapshot peer) {
    return peer.endpoint().map(Endpoint::toString).orElse("an unknown endpoint");
  }
}
