package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.engine.noise.Tai64n;
import cloud.runbeam.wgagent.engine.status.ClockSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hands out handshake timestamps that never go back, whatever the wall clock does: not within this
 * process, and, with a store, not across restarts. The paper (section 5.1) lets a responder refuse
 * any initiation whose timestamp is not greater than the last.
 *
 * <pre>
 *   stored ahead:  |------ reserved ------|
 *   handed out:      .  .   .    .              a timestamp beyond the reservation extends it first
 * </pre>
 *
 * <p>A reservation is short, so that an agent that restarts again and again does not run ahead of
 * time. Shared by all devices; the conductor writes, any thread reads the snapshot.
 */
public final class TimestampGuard {
  private static final Duration RESERVATION = Duration.ofSeconds(10);

  /**
   * The same while timestamps are ahead of the clock: a restart then skips no more than this, so
   * that one restart after the other lets the clock catch up.
   */
  private static final Duration RESERVATION_AHEAD = Duration.ofSeconds(1);

  /** Clock discipline slews or steps by less than this; a jump is more. */
  private static final Duration JUMP = Duration.ofSeconds(30);

  private final WallClock wallClock;
  private final TimestampStore store;
  private @Nullable Tai64n last;
  private Instant reservedUpTo;
  private @Nullable Instant expectedOrigin;
  private volatile ClockSnapshot snapshot =
      new ClockSnapshot(0, Optional.empty(), Optional.empty());

  /** A guard that begins where {@code store} says another process ended. */
  public TimestampGuard(WallClock wallClock, TimestampStore store) {
    this.wallClock = wallClock;
    this.store = store;
    this.reservedUpTo = store.reserved().orElse(Instant.MIN);
    this.last = store.reserved().map(Tai64n::of).orElse(null);
  }

  /** A timestamp later than every one before. Conductor. */
  Tai64n next(long nowNs) {
    Instant now = wallClock.now();
    watch(now, nowNs);
    Tai64n next = last == null ? Tai64n.of(now) : Tai64n.of(now).orAfter(last);
    last = next;
    if (next.toInstant().isAfter(reservedUpTo)) {
      boolean ahead = next.toInstant().isAfter(now);
      reserve(next.toInstant().plus(ahead ? RESERVATION_AHEAD : RESERVATION));
    }
    return next;
  }

  /** What is known of the wall clock. Any thread. */
  public ClockSnapshot snapshot() {
    return snapshot;
  }

  private void reserve(Instant upTo) {
    ClockSnapshot before = snapshot;
    Optional<String> problem = Optional.empty();
    try {
      store.reserve(upTo);
    } catch (IOException e) {
      // Going on is right: the tunnel works, only a restart with a clock that went back would not.
      problem = Optional.of(String.valueOf(e.getMessage()));
    }
    reservedUpTo = upTo;
    snapshot = new ClockSnapshot(before.jumps(), before.lastJump(), problem);
  }

  private void watch(Instant now, long nowNs) {
    Instant origin = now.minusNanos(nowNs);
    Instant expected = expectedOrigin;
    expectedOrigin = origin;
    if (expected == null) {
      return;
    }
    Duration jump = Duration.between(expected, origin);
    if (jump.abs().compareTo(JUMP) > 0) {
      ClockSnapshot before = snapshot;
      snapshot = new ClockSnapshot(before.jumps() + 1, Optional.of(jump), before.problem());
    }
  }
}
