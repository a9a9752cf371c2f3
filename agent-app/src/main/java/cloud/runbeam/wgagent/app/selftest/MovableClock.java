package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.WallClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** The host's clocks, with time added on request, so that minutes need not be waited for. */
final class MovableClock implements MonotonicClock, WallClock {
  private final MonotonicClock monotonic;
  private final WallClock wall;
  private final AtomicLong aheadNs = new AtomicLong();

  MovableClock(MonotonicClock monotonic, WallClock wall) {
    this.monotonic = monotonic;
    this.wall = wall;
  }

  @Override
  public long nowNs() {
    return monotonic.nowNs() + aheadNs.get();
  }

  @Override
  public Instant now() {
    return wall.now().plusNanos(aheadNs.get());
  }

  /** Moves both clocks forward. */
  void advance(Duration time) {
    aheadNs.addAndGet(time.toNanos());
  }
}
