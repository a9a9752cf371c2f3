package cloud.runbeam.wgagent.app.health;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.app.tunnel.Topic;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.status.ClockSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class HealthWatchTest {
  private static final Instant NOW = Snapshots.HANDSHAKE.plusSeconds(10);

  private final List<NetworkStatus> networks = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final List<TunnelEvent> events = new ArrayList<>();
  private final HealthWatch watch =
      new HealthWatch(
          new AgentCheckup(
              () -> networks,
              new HealthJudge(() -> NOW),
              List.of(() -> problems.stream().findFirst())),
          events::add,
          () -> NOW);

  @Test
  void tellsOnceWhenAPeerFallsIllAndOnceWhenItIsWellAgain(CapturedOutput output) {
    see(Snapshots.active(Snapshots.activePeer("core"), Snapshots.activePeer("laptop")));
    assertThat(events).isEmpty();

    see(Snapshots.active(silent(4), Snapshots.activePeer("laptop")));
    see(Snapshots.active(silent(5), Snapshots.activePeer("laptop")));
    assertThat(events)
        .extracting(HealthWatchTest::text)
        .containsExactly("default - healthy>degraded", "default core healthy>degraded");
    assertThat(events.getLast().data().get("reason")).asString().startsWith("no answer to 4");
    assertThat(output.getAll()).containsOnlyOnce("network default: peer core: no answer to 4");

    events.clear();
    see(Snapshots.active(Snapshots.activePeer("core"), Snapshots.activePeer("laptop")));
    assertThat(events)
        .extracting(HealthWatchTest::text)
        .containsExactly("default - degraded>healthy", "default core degraded>healthy");
    assertThat(output.getAll()).contains("network default: peer core is well again");
  }

  @Test
  void doesNotCallAPeerWellThatWasRemoved() {
    see(Snapshots.active(silent(4), Snapshots.activePeer("laptop")));
    events.clear();

    see(Snapshots.active(Snapshots.activePeer("laptop")));

    assertThat(events)
        .extracting(HealthWatchTest::text)
        .containsExactly("default - degraded>healthy");
  }

  @Test
  void tellsThatANetworkFailed() {
    see(Snapshots.idle(TunnelState.ERROR, Optional.of("interface wg0 was deleted")));

    assertThat(events)
        .extracting(HealthWatchTest::text)
        .containsExactly("default - healthy>failed");
    assertThat(events.getFirst().topic()).isEqualTo(Topic.HEALTH);
    assertThat(events.getFirst().data()).containsEntry("reason", "interface wg0 was deleted");
  }

  @Test
  void makesTheAgentDegradedForAProblemOfItsOwnAndSaysSoOnce(CapturedOutput output) {
    networks.add(Snapshots.active(Snapshots.activePeer("core")));
    problems.add("the audit log cannot be written; free some space");

    AgentHealth health = watch.look();
    watch.look();

    assertThat(health.verdict()).isEqualTo(NetworkHealth.Verdict.DEGRADED);
    assertThat(health.reasons()).containsExactlyElementsOf(problems);
    assertThat(output.getAll()).containsOnlyOnce("the audit log cannot be written");
  }

  @Test
  void tellsOfAClockThatJumpedForTenMinutes() {
    AtomicLong nowNs = new AtomicLong(5);
    AtomicReference<ClockSnapshot> engine =
        new AtomicReference<>(new ClockSnapshot(0, Optional.empty(), Optional.empty()));
    ClockProblem clock = new ClockProblem(engine::get, nowNs::get);

    assertThat(clock.problem()).isEmpty();
    engine.set(new ClockSnapshot(1, Optional.of(Duration.ofHours(-2)), Optional.empty()));
    assertThat(clock.problem().orElseThrow()).contains("jumped back by 7200 s");
    nowNs.addAndGet(Duration.ofMinutes(9).toNanos());
    assertThat(clock.problem()).isPresent();
    nowNs.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(clock.problem()).isEmpty();
    engine.set(new ClockSnapshot(1, Optional.empty(), Optional.of("the disk is full")));
    assertThat(clock.problem().orElseThrow()).contains("the disk is full", "state_dir");
  }

  private static PeerSnapshot silent(long initiated) {
    return Snapshots.peer("core", 0, Optional.empty(), false, initiated);
  }

  private void see(NetworkStatus network) {
    networks.clear();
    networks.add(network);
    watch.look();
  }

  private static String text(TunnelEvent event) {
    return event.network()
        + " "
        + event.peer().orElse("-")
        + " "
        + event.data().get("from")
        + ">"
        + event.data().get("to");
  }
}
