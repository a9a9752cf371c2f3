package cloud.runbeam.wgagent.app.health;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.host.HostStatus;
import cloud.runbeam.wgagent.app.probe.ProbeResult;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.status.ClockSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class HealthJudgeTest {
  private static final ClockSnapshot CLOCK =
      new ClockSnapshot(2, Optional.of(Duration.ofHours(-1)), Optional.of("the disk is full"));

  private static final Instant NOW = Snapshots.HANDSHAKE.plusSeconds(200);

  private final HealthJudge judge = new HealthJudge(() -> NOW);

  @Test
  void aKillSwitchThatDoesNotHoldIsTold() {
    NetworkStatus good = Snapshots.active(Snapshots.activePeer("core"));
    NetworkStatus leaking =
        new NetworkStatus(
            good.config(),
            good.state(),
            good.failure(),
            good.uptime(),
            good.device(),
            good.source(),
            good.persistent(),
            good.endpointProblems(),
            Optional.of(
                new HostStatus(
                    "none",
                    Optional.of(new HostStatus.Verdict(false, "table inet x is gone")),
                    OptionalInt.empty(),
                    0,
                    List.of())),
            good.rotation());

    NetworkHealth health = judge.judge(leaking);

    assertThat(health.verdict()).isEqualTo(Verdict.DEGRADED);
    assertThat(health.reasons()).contains("the kill switch does not hold: table inet x is gone");
  }

  @Test
  void findsAPeerWithASessionHealthy() {
    NetworkHealth health = judge.judge(Snapshots.active(Snapshots.activePeer("core")));

    assertThat(health.verdict()).isEqualTo(Verdict.HEALTHY);
    assertThat(health.peers().getFirst().name()).isEqualTo("core");
    assertThat(health.peers().getFirst().handshakeAge()).hasValue(Duration.ofSeconds(200));
  }

  @Test
  void findsAPeerThatNeverAnsweredDegraded() {
    NetworkHealth health =
        judge.judge(Snapshots.active(Snapshots.peer("core", 0, Optional.empty(), false, 4)));

    assertThat(health.verdict()).isEqualTo(Verdict.DEGRADED);
    assertThat(health.reasons())
        .containsExactly(
            "peer core: no answer to 4 handshakes to 192.0.2.1:51820; check endpoint, firewall and"
                + " the keys on both sides");
  }

  @Test
  void findsAPeerThatFellSilentDegradedIfItIsKeptAlive() {
    Optional<Instant> before = Optional.of(Snapshots.HANDSHAKE);

    assertThat(
            judge.judge(Snapshots.active(Snapshots.peer("core", 25, before, false, 4))).reasons())
        .first()
        .asString()
        .contains("silent since the handshake 200 s ago");
    assertThat(judge.judge(Snapshots.active(Snapshots.peer("core", 0, before, false, 4))).verdict())
        .isEqualTo(Verdict.HEALTHY);
  }

  @Test
  void expectsNothingOfAPeerThatNobodyCalled() {
    assertThat(
            judge
                .judge(Snapshots.active(Snapshots.peer("laptop", 0, Optional.empty(), false, 0)))
                .verdict())
        .isEqualTo(Verdict.HEALTHY);
  }

  @Test
  void tellsOfAnEndpointThatCannotBeFoundUnlessThereIsASession() {
    PeerSnapshot waiting = Snapshots.peer("core", 0, Optional.empty(), false, 0);
    PeerSnapshot talking = Snapshots.activePeer("core");

    assertThat(judge.judge(withoutEndpoint(waiting)).reasons())
        .containsExactly("peer core: vpn.example.com does not resolve");
    assertThat(judge.judge(withoutEndpoint(talking)).verdict()).isEqualTo(Verdict.HEALTHY);
  }

  private static NetworkStatus withoutEndpoint(PeerSnapshot peer) {
    NetworkStatus status = Snapshots.active(peer);
    return new NetworkStatus(
        status.config(),
        status.state(),
        status.failure(),
        status.uptime(),
        status.device(),
        status.source(),
        status.persistent(),
        Map.of(peer.publicKey(), "vpn.example.com does not resolve"),
        status.host(),
        status.rotation());
  }

  @Test
  void findsATunnelUnwellThatLeadsNowhere() {
    NetworkStatus network = Snapshots.active(Snapshots.activePeer("core"));

    assertThat(probing(1).judge(network).reasons())
        .containsExactly("peer core: 10.42.0.1 does not answer");
    assertThat(probing(0.95).judge(network).verdict()).isEqualTo(Verdict.HEALTHY);
  }

  private static HealthJudge probing(double lossRatio) {
    return new HealthJudge(
        () -> NOW,
        (_, _) ->
            Optional.of(
                new ProbeResult(
                    Optional.empty(),
                    lossRatio,
                    OptionalInt.empty(),
                    false,
                    Optional.of("10.42.0.1 does not answer"))));
  }

  @Test
  void waitsForASecondInitiationBeforeItMissesAPeer() {
    assertThat(
            judge
                .judge(Snapshots.active(Snapshots.peer("core", 25, Optional.empty(), false, 1)))
                .verdict())
        .isEqualTo(Verdict.HEALTHY);
  }

  @Test
  void findsAPeerLostWhoseSessionOutlivesIt() {
    PeerSnapshot answering = Snapshots.unanswered("core", true, 2, Duration.ofSeconds(20));
    PeerSnapshot lost = Snapshots.unanswered("core", true, 3, Duration.ofSeconds(20));
    PeerSnapshot heard = Snapshots.unanswered("core", true, 3, Duration.ofSeconds(2));

    assertThat(judge.judge(Snapshots.active(answering)).verdict()).isEqualTo(Verdict.HEALTHY);
    assertThat(judge.judge(Snapshots.active(heard)).verdict()).isEqualTo(Verdict.HEALTHY);
    assertThat(judge.judge(Snapshots.active(lost)).reasons())
        .containsExactly(
            "peer core: not heard for 20 s, and no answer to 3 handshakes to 192.0.2.1:51820; check"
                + " the way to it and whether it still runs");
  }

  @Test
  void missesAPeerThatTrafficWaitsForOnlyIfItIsCalledByUs() {
    // "hub" has an endpoint in the configuration; "laptop" calls us, and may be asleep.
    PeerSnapshot hub = Snapshots.unanswered("hub", false, 5, Duration.ofMinutes(5));
    PeerSnapshot laptop = Snapshots.unanswered("laptop", false, 5, Duration.ofMinutes(5));

    assertThat(judge.judge(Snapshots.active(laptop)).verdict()).isEqualTo(Verdict.HEALTHY);
    assertThat(judge.judge(Snapshots.active(hub)).reasons())
        .containsExactly(
            "peer hub: no answer to 5 handshakes to 192.0.2.1:51820 since the last one 200 s ago;"
                + " check the way to it and whether it still runs");
  }

  @Test
  void takesAHandshakeInTheFutureForOneJustNow() {
    HealthJudge early = new HealthJudge(() -> Snapshots.HANDSHAKE.minusSeconds(3_600));

    assertThat(
            early
                .judge(Snapshots.active(Snapshots.activePeer("core")))
                .peers()
                .getFirst()
                .handshakeAge())
        .hasValue(Duration.ZERO);
  }

  @Test
  void findsANetworkInErrorFailedWithItsReason() {
    NetworkHealth health =
        judge.judge(Snapshots.idle(TunnelState.ERROR, Optional.of("interface wg0 was deleted")));

    assertThat(health.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(health.reasons()).containsExactly("interface wg0 was deleted");
  }

  @Test
  void findsANetworkWhoseLinkIsDownFailed() {
    assertThat(judge.judge(Snapshots.withoutSockets(Optional.empty())).reasons())
        .containsExactly("interface wg0 is down: ip link set wg0 up");
    assertThat(judge.judge(Snapshots.withoutSockets(Optional.of("port taken"))).reasons())
        .containsExactly("port taken");
  }

  @Test
  void findsANetworkThatWasTakenDownHealthy() {
    assertThat(judge.judge(Snapshots.idle(TunnelState.STOPPED, Optional.empty())).verdict())
        .isEqualTo(Verdict.HEALTHY);
  }

  @Test
  void showsActuatorEveryNetworkAndPeer() {
    Health health =
        indicator(
                Snapshots.active(
                    Snapshots.activePeer("core"),
                    Snapshots.peer("laptop", 0, Optional.empty(), false, 2)))
            .health();

    assertThat(health.getStatus()).isEqualTo(Status.UP);
    Map<?, ?> network = member(networks(health), "default");
    assertThat(network.get("state")).isEqualTo("active");
    assertThat(network.get("interface")).isEqualTo("wg0");
    assertThat(network.get("health")).isEqualTo("degraded");
    Map<?, ?> peers = member(network, "peers");
    assertThat(peers.get("total")).isEqualTo(2);
    assertThat(peers.get("healthy")).isEqualTo(1L);
    assertThat((List<?>) peers.get("detail"))
        .as("those that are not healthy come first")
        .map(peer -> ((Map<?, ?>) peer).get("name"))
        .hasToString("[laptop, core]");
  }

  @Test
  void tellsActuatorThatAFailedNetworkIsDown() {
    Health health =
        indicator(Snapshots.idle(TunnelState.ERROR, Optional.of("no such device"))).health();

    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(networks(health).toString()).contains("no such device");
  }

  private TunnelHealthIndicator indicator(NetworkStatus status) {
    return new TunnelHealthIndicator(
        new AgentCheckup(() -> List.of(status), judge, List.of()), () -> CLOCK);
  }

  @Test
  void reportsAClockThatJumped() {
    Health health =
        new TunnelHealthIndicator(new AgentCheckup(List::of, judge, List.of()), () -> CLOCK)
            .health();

    assertThat(member(health.getDetails(), "clock"))
        .isEqualTo(Map.of("jumps", 2L, "last_jump_seconds", -3600L, "problem", "the disk is full"));
  }

  private static Map<?, ?> networks(Health health) {
    return member(health.getDetails(), "networks");
  }

  private static Map<?, ?> member(Map<?, ?> of, String name) {
    return (Map<?, ?>) Objects.requireNonNull(of.get(name));
  }
}
