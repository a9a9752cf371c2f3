package cloud.runbeam.wgagent.engine.path;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.noise.Tai64n;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.engine.testkit.MemoryTimestampStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimestampGuardTest {
  private final ManualClock clock = new ManualClock();
  private final MemoryTimestampStore store = new MemoryTimestampStore();

  @Test
  void growsWithinAProcessWhateverTheClockDoes() {
    TimestampGuard guard = new TimestampGuard(clock, TimestampStore.NONE);
    Tai64n last = guard.next(clock.nowNs());
    for (int i = 0; i < 1_000; i++) {
      if (i % 100 == 0) {
        clock.jumpWall(Duration.ofDays(i % 200 == 0 ? -1_000 : 500));
      }
      Tai64n next = guard.next(clock.nowNs());
      assertThat(next.isAfter(last)).isTrue();
      last = next;
    }
  }

  @Test
  void growsAcrossRestartsThoughTheClockWentBack() {
    Tai64n last = Tai64n.of(clock.now());
    for (int restart = 0; restart < 20; restart++) {
      TimestampGuard guard = new TimestampGuard(clock, store);
      for (int i = 0; i < 50; i++) {
        Tai64n next = guard.next(clock.nowNs());
        if (restart + i > 0) {
          assertThat(next.isAfter(last)).isTrue();
        }
        last = next;
        clock.advance(Duration.ofSeconds(1));
      }
      clock.jumpWall(Duration.ofDays(-300));
    }
  }

  @Test
  void writesBeforeItHandsOutWhatIsBeyondTheReservation() {
    TimestampGuard guard = new TimestampGuard(clock, store);
    for (int i = 0; i < 300; i++) {
      Tai64n next = guard.next(clock.nowNs());
      assertThat(store.reserved().orElseThrow()).isAfterOrEqualTo(next.toInstant());
      clock.advance(Duration.ofMillis(500));
    }
    assertThat(store.writes()).as("writes in 150 s").isBetween(13, 16);
  }

  @Test
  void doesNotRunAheadOfTimeByRestarting() {
    for (int restart = 0; restart < 1_000; restart++) {
      new TimestampGuard(clock, store).next(clock.nowNs());
      clock.advance(Duration.ofSeconds(5));
    }
    assertThat(Duration.between(clock.now(), store.reserved().orElseThrow()))
        .isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void goesOnWhenNothingCanBeWrittenAndSaysSo() {
    TimestampGuard guard = new TimestampGuard(clock, store);
    store.failWith("state directory is read-only; make it writable");
    Tai64n first = guard.next(clock.nowNs());
    assertThat(guard.snapshot().problem()).hasValueSatisfying(p -> assertThat(p).contains("read"));
    clock.advance(Duration.ofMinutes(1));
    store.failWith(null);
    assertThat(guard.next(clock.nowNs()).isAfter(first)).isTrue();
    assertThat(guard.snapshot().problem()).isEmpty();
  }

  @Test
  void reportsJumpsAndNoDrift() {
    TimestampGuard guard = new TimestampGuard(clock, store);
    for (int i = 0; i < 100; i++) {
      guard.next(clock.nowNs());
      clock.advance(Duration.ofSeconds(100));
      clock.jumpWall(Duration.ofMillis(20));
    }
    assertThat(guard.snapshot().jumps()).isZero();
    assertThat(guard.snapshot().lastJump()).isEmpty();
    clock.jumpWall(Duration.ofDays(-400));
    guard.next(clock.nowNs());
    assertThat(guard.snapshot().jumps()).isOne();
    assertThat(guard.snapshot().lastJump().orElseThrow())
        .isBetween(Duration.ofDays(-400), Duration.ofDays(-399));
    clock.jumpWall(Duration.ofDays(4_000));
    guard.next(clock.nowNs());
    assertThat(guard.snapshot().jumps()).isEqualTo(2);
  }
}
