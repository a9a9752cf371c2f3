package cloud.runbeam.wgagent.app.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.health.ClockProblem;
import cloud.runbeam.wgagent.engine.status.ClockSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of docs/troubleshooting.md needs no namespaces: its form, and the clock. */
class FaultPageTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "silent",
        "wrong-key",
        "wrong-psk",
        "unreachable",
        "lost-name",
        "mtu",
        "tun-deleted",
        "clock",
        "overlap"
      })
  void everyFaultHasATable(String fault) {
    assertThat(FaultPage.promises(fault)).isNotEmpty();
  }

  @Test
  void aPromiseIsKeptWhateverTheNumbersAndWhatStandsForAnything() {
    FaultPage.Promise promise = new FaultPage.Promise("health", "peer a: …2 handshakes");
    assertThat(promise.isKeptBy("x peer a: no answer to 17 handshakes y")).isTrue();
    assertThat(promise.isKeptBy("peer b: no answer to 17 handshakes")).isFalse();
  }

  @Test
  void aClockThatJumpedIsToldAsThePageSays() {
    ClockSnapshot jumped =
        new ClockSnapshot(1, Optional.of(Duration.ofHours(-1)), Optional.empty());
    String said = new ClockProblem(() -> jumped, () -> 0).problem().orElseThrow();
    List<FaultPage.Promise> promises = FaultPage.promises("clock");
    assertThat(promises).allSatisfy(promise -> assertThat(promise.isKeptBy(said)).isTrue());
  }
}
