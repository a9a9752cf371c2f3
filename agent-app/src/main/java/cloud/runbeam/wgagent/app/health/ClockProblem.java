package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.status.ClockSnapshot;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells of a wall clock that jumped, for ten minutes from when that was first seen: tunnels survive
 * it, but peers with less care may refuse us, certificates may seem expired, and logs are out of
 * order. A timestamp that cannot be kept is told of as long as that is so. Any thread.
 */
public final class ClockProblem implements ProblemSource {
  /** Longer than the three minutes a session lives, so that whoever looks afterwards learns why. */
  private static final Duration SHOWN_FOR = Duration.ofMinutes(10);

  private final Supplier<ClockSnapshot> engine;
  private final MonotonicClock clock;

  // Guarded by this.
  private long jumpsSeen;
  private long seenAtNs;

  /** Watches what {@code engine} says of the clock. */
  public ClockProblem(Supplier<ClockSnapshot> engine, MonotonicClock clock) {
    this.engine = engine;
    this.clock = clock;
  }

  @Override
  public Optional<String> problem() {
    ClockSnapshot now = engine.get();
    Optional<String> unkept =
        now.problem()
            .map(reason ->
                "the time of the last handshake cannot be kept ("
                    + reason
                    + "), so that peers may refuse us after a restart with a clock set back; make"
                    + " state_dir writable");
    return unkept.or(() -> jump(now));
  }

  private synchronized Optional<String> jump(ClockSnapshot now) {
    long nowNs = clock.nowNs();
    if (now.jumps() != jumpsSeen) {
      jumpsSeen = now.jumps();
      seenAtNs = nowNs;
    }
    if (jumpsSeen == 0 || nowNs - seenAtNs >= SHOWN_FOR.toNanos()) {
      return Optional.empty();
    }
    long seconds = now.lastJump().map(Duration::toSeconds).orElse(0L);
    return Optional.of(
        "the clock of this machine jumped "
            + (seconds < 0 ? "back" : "ahead")
            + " by "
            + Math.abs(seconds)
            + " s; sessions go on, but check its time synchronisation");
  }
}
