package cloud.runbeam.wgagent.engine.io;

import java.time.Instant;

/**
 * The time of day, which may jump; read for TAI64N timestamps and for what people are shown, never
 * for timers.
 */
@FunctionalInterface
public interface WallClock {
  /** The current time of day. Any thread. */
  Instant now();
}
