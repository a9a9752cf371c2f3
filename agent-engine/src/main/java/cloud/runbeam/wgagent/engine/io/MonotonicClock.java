package cloud.runbeam.wgagent.engine.io;

/**
 * A clock that never goes back and counts the time a machine is suspended (Linux: {@code
 * CLOCK_BOOTTIME}).
 */
@FunctionalInterface
public interface MonotonicClock {
  /** Nanoseconds since an arbitrary origin. Compare by subtraction only. Any thread. */
  long nowNs();
}
