package cloud.runbeam.wgagent.engine.path;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets the conductor sleep and others wake it, without a system call when it is awake.
 *
 * <p>The sleeper announces itself, then looks at its queues once more, then parks; a producer puts
 * its work in a queue, then looks whether the sleeper has announced itself. Both flags are
 * volatile: one of the two always sees the other.
 */
final class ConductorWaker {
  private volatile @Nullable Thread sleeper;

  /** Called by a producer after its work is in a queue. Any thread. */
  void wake() {
    Thread asleep = sleeper;
    if (asleep != null) {
      sleeper = null;
      LockSupport.unpark(asleep);
    }
  }

  /**
   * The conductor is about to sleep; it must look at its queues after this and before {@link
   * #sleep}.
   */
  void announceSleep() {
    sleeper = Thread.currentThread();
  }

  /** Sleeps for at most {@code ns} unless woken since the announcement. */
  void sleep(long ns) {
    if (sleeper != null) {
      LockSupport.parkNanos(this, ns);
    }
    sleeper = null;
  }

  /** Whether somebody has announced sleep and was neither woken nor stayed awake. Any thread. */
  boolean isSleepAnnounced() {
    return sleeper != null;
  }

  /** Takes the announcement back: there is work. */
  void stayAwake() {
    sleeper = null;
  }
}
