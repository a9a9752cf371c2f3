package cloud.runbeam.wgagent.app.logging;

import java.util.concurrent.atomic.LongAdder;

/** How much was logged since the process began, and how much was not. Any thread. */
public final class LogCounts {
  private final LongAdder written = new LongAdder();
  private final LongAdder leftOut = new LongAdder();

  /** Events that were written. */
  public long written() {
    return written.sum();
  }

  /** Events left out because there were too many like them. */
  public long leftOut() {
    return leftOut.sum();
  }

  void countWritten() {
    written.increment();
  }

  void countLeftOut() {
    leftOut.increment();
  }
}
