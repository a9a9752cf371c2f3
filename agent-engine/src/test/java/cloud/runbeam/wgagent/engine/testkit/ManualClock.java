package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.WallClock;
import java.time.Duration;
import java.time.Instant;

/**
 * Time that passes when the test says so; the time of day goes along and may also jump by itself.
 * Any thread.
 */
public final class ManualClock implements MonotonicClock, WallClock {
  private static final Instant FIRST_DAY = Instant.parse("2026-01-01T00:00:00Z");

  private long nowNs;
  private Instant now;

  /** A clock that starts shortly before zero, where nothing may depend on the sign. */
  public ManualClock() {
    this(-Duration.ofSeconds(3).toNanos(), FIRST_DAY);
  }

  /** A clock that starts at the given times. */
  public ManualClock(long nowNs, Instant now) {
    this.nowNs = nowNs;
    this.now = now;
  }

  @Override
  public synchronized long nowNs() {
    return nowNs;
  }

  @Override
  public synchronized Instant now() {
    return now;
  }

  /** Lets time pass. */
  public void advance(Duration time) {
    advanceNs(time.toNanos());
  }

  /** Lets time pass, in nanoseconds, at least 0. */
  public synchronized void advanceNs(long ns) {
    if (ns < 0) {
      throw new IllegalArgumentException("time does not go back: " + ns);
    }
    nowNs += ns;
    now = now.plusNanos(ns);
  }

  /**
   * Sets the time of day forward or back, as an operator or a time service does; deadlines do not
   * move.
   */
  public synchronized void jumpWall(Duration by) {
    now = now.plus(by);
  }
}
