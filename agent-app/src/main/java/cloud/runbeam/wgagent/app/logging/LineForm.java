package cloud.runbeam.wgagent.app.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;

/**
 * How an event becomes lines, each ended by a line feed. Any thread.
 *
 * <pre>
 *   text              2026-01-02T03:04:05.678Z WARN  network office: no answer ...
 *                     &lt;tab&gt;at ...                        only for faults
 *   text, journald    &lt;4&gt;network office: no answer ...
 *   JSON              {"@timestamp":"2026-01-02T03:04:05.678Z","log":{"level":"WARN",...},"message":"...","network":"office"}
 *   JSON, journald    &lt;4&gt;{"@timestamp":...}
 * </pre>
 */
interface LineForm {
  /** Characters of a message that are shown; the rest is counted. */
  int MAX_MESSAGE = 16 * 1024;

  /** Appends the lines of {@code event}, {@code note} behind its message. */
  void append(StringBuilder lines, ILoggingEvent event, String note);

  /**
   * Puts journald's priority before each line of {@code form} (sd-daemon(3)): 3 error, 4 warning, 6
   * info, 7 debug.
   */
  static LineForm withPriority(LineForm form) {
    return (lines, event, note) -> {
      String priority = "<" + priority(event.getLevel()) + ">";
      int from = lines.length();
      form.append(lines, event, note);
      lines.insert(from, priority);
      for (int end = lines.indexOf("\n", from);
          end >= 0 && end + 1 < lines.length();
          end = lines.indexOf("\n", end + 1)) {
        lines.insert(end + 1, priority);
      }
    };
  }

  private static int priority(Level level) {
    return switch (level.toInt()) {
      case Level.ERROR_INT -> 3;
      case Level.WARN_INT -> 4;
      case Level.INFO_INT -> 6;
      default -> 7;
    };
  }

  /** Appends the stack trace of {@code event}, if it has one: lines that begin with a tab. */
  static void appendFault(StringBuilder lines, ILoggingEvent event) {
    if (event.getThrowableProxy() == null) {
      return;
    }
    ThrowableProxyUtil.asString(event.getThrowableProxy())
        .lines()
        .forEach(line -> {
          lines.append('\t');
          PrintableText.append(lines, line.strip(), MAX_MESSAGE);
          lines.append('\n');
        });
  }
}
