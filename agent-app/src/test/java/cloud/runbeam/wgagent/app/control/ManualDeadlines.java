package cloud.runbeam.wgagent.app.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Deadlines that pass when the test says so. */
final class ManualDeadlines implements Deadlines {
  private final List<Waiting> waiting = new ArrayList<>();

  private record Waiting(Duration delay, Runnable action) {}

  @Override
  public synchronized Pending after(Duration delay, Runnable action) {
    Waiting added = new Waiting(delay, action);
    waiting.add(added);
    notifyAll();
    return () -> {
      synchronized (this) {
        waiting.remove(added);
      }
    };
  }

  /** Waits until somebody set a deadline of {@code delay}, then lets it pass. */
  void pass(Duration delay) throws InterruptedException {
    Waiting due;
    synchronized (this) {
      due = find(delay);
      while (due == null) {
        wait();
        due = find(delay);
      }
      waiting.remove(due);
    }
    due.action.run();
  }

  /** How many deadlines of {@code delay} wait. */
  synchronized long count(Duration delay) {
    return waiting.stream().filter(one -> one.delay.equals(delay)).count();
  }

  private @Nullable Waiting find(Duration delay) {
    return waiting.stream().filter(one -> one.delay.equals(delay)).findFirst().orElse(null);
  }
}
