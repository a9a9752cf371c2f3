package cloud.runbeam.wgagent.app.control;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Deadlines by the system's clock: one thread that waits for all, a virtual thread for each that
 * comes due.
 */
public final class SystemDeadlines implements Deadlines, AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  /** Starts no thread before the first deadline. */
  public SystemDeadlines() {
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("control-deadlines").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Pending after(Duration delay, Runnable action) {
    Future<?> waiting =
        timer.schedule(
            () -> {
              Thread.ofVirtual().start(action);
            },
            delay.toMillis(),
            TimeUnit.MILLISECONDS);
    return () -> waiting.cancel(false);
  }

  /** Calls everything off. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}
