package cloud.runbeam.wgagent.app.logging;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The last {@value #MAX_LINES} lines of the log as text, whatever form it is written in, for the
 * console and the diagnostic bundle. A line is kept up to {@value #MAX_LENGTH} characters. Any
 * thread.
 */
public final class RecentLog {
  /** How many lines are remembered. */
  public static final int MAX_LINES = 500;

  private static final int MAX_LENGTH = 1_000;

  private final Deque<String> lines = new ArrayDeque<>();
  private long written;
  private long leftOut;

  /** The last {@code count} lines, the oldest first; fewer where there were not so many. */
  public synchronized List<String> last(int count) {
    return lines.stream().skip(Math.max(0, lines.size() - Math.max(0, count))).toList();
  }

  /** Lines written since the agent began. */
  public synchronized long written() {
    return written;
  }

  /** Lines left out because there were too many like them. */
  public synchronized long leftOut() {
    return leftOut;
  }

  synchronized void add(String text) {
    text.lines()
        .forEach(line -> {
          if (lines.size() == MAX_LINES) {
            lines.poll();
          }
          lines.add(line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) + "…" : line);
          written++;
        });
  }

  synchronized void countLeftOut() {
    leftOut++;
  }
}
