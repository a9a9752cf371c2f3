package cloud.runbeam.wgagent.app.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloud.runbeam.wgagent.app.probe.ProbeResult;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinkHistoryTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  private final LinkHistory history = new LinkHistory(3, ProbeResults.NONE);

  @Test
  void keepsTheLastHour() {
    for (int minute = 0; minute < 100; minute++) {
      sample(minute, Snapshots.traffic("core", 6_000L * minute, 0, 5));
    }

    List<HistoryPoint> points = of("core");
    assertThat(points).hasSize(LinkHistory.POINTS);
    assertThat(points.getFirst().at()).isEqualTo(START.plusSeconds(40 * 60));
    assertThat(points.getLast().at()).isEqualTo(START.plusSeconds(99 * 60));
    assertThat(points.getLast().txBytesPerSecond()).isCloseTo(100, within(0.01));
    assertThat(points.getLast().rxBytesPerSecond()).isZero();
    assertThat(points.getLast().lossRatio()).hasValue(0.25);
  }

  @Test
  void showsLatencyInTheMinuteInWhichItWasMeasuredOnly() {
    sample(0, Snapshots.traffic("core", 0, 0, 1));
    sample(1, Snapshots.traffic("core", 0, 0, 1));
    sample(2, Snapshots.traffic("core", 0, 0, 2));

    assertThat(of("core"))
        .extracting(point -> point.latencyMs().isPresent())
        .containsExactly(true, false, true);
    assertThat(of("core").getLast().latencyMs().orElseThrow()).isCloseTo(1.2346, within(0.001));
  }

  @Test
  void showsWhatAProbeMeasuredRatherThanHandshakes() {
    LinkHistory probed =
        new LinkHistory(
            3,
            (_, _) ->
                Optional.of(
                    new ProbeResult(
                        Optional.of(Duration.ofMillis(40)),
                        0,
                        OptionalInt.empty(),
                        false,
                        Optional.empty())));
    probed.sample(List.of(Snapshots.active(Snapshots.activePeer("core"))), START);

    assertThat(probed.of("default", Snapshots.key("core")).getFirst().latencyMs()).hasValue(40);
  }

  @Test
  void showsNoNegativeRateWhenCountersBeginAnew() {
    sample(0, Snapshots.traffic("core", 1_000_000, 1_000_000, 1));
    sample(1, Snapshots.traffic("core", 60, 60, 1));

    assertThat(of("core").getLast().txBytesPerSecond()).isZero();
  }

  @Test
  void isBoundedAndForgetsWhoIsGone() {
    PeerSnapshot[] five =
        IntStream.range(0, 5)
            .mapToObj(i -> Snapshots.activePeer("peer " + i))
            .toArray(PeerSnapshot[]::new);
    sample(0, five);

    assertThat(of("peer 2")).hasSize(1);
    assertThat(of("peer 3")).as("beyond the limit").isEmpty();

    sample(1, five[3]);
    assertThat(of("peer 2")).isEmpty();
    sample(2, five[3]);
    assertThat(of("peer 3")).as("there is room now").isNotEmpty();
  }

  @Test
  void keepsWhatItHadWhileANetworkIsDown() {
    sample(0, Snapshots.activePeer("core"));
    history.sample(
        List.of(Snapshots.idle(TunnelState.STOPPED, Optional.empty())), START.plusSeconds(60));

    assertThat(of("core")).hasSize(1);

    history.sample(List.of(), START.plusSeconds(120));
    assertThat(of("core")).as("a network that is no longer known").isEmpty();
  }

  private List<HistoryPoint> of(String label) {
    return history.of("default", Snapshots.key(label));
  }

  private void sample(int minute, PeerSnapshot... peers) {
    NetworkStatus network = Snapshots.active(peers);
    history.sample(List.of(network), START.plusSeconds(60L * minute));
  }
}
