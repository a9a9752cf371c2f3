package cloud.runbeam.wgagent.app.control;

import java.time.Duration;

/** Does something later unless it is called off. Any thread. */
public interface Deadlines {
  /**
   * Runs {@code action} after {@code delay}, on a thread of its own, unless the returned handle is
   * closed before.
   */
  Pending after(Duration delay, Runnable action);

  /** An action that waits for its time. */
  interface Pending extends AutoCloseable {
    /** Calls the action off. Idempotent; without effect once it has begun. */
    @Override
    void close();
  }
}
