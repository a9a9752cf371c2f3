package cloud.runbeam.wgagent.app.diagnostics;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;

/**
 * The last lines of the log, in memory: at most 2,000 events and a million characters, whichever is
 * less. Any thread.
 */
public final class RecentLog extends AppenderBase<ILoggingEvent> {
  private static final int MAX_LINES = 2_000;
  private static final int MAX_CHARACTERS = 1_000_000;
  private static final int MAX_LINE_CHARACTERS = 10_000;

  // Under its lock.
  private final Deque<Line> lines = new ArrayDeque<>();
  private int characters;

  /**
   * One event.
   *
   * @param at when
   * @param level {@code ERROR, WARN, INFO, DEBUG, TRACE}
   * @param logger who said it, the last part of the name
   * @param text the message, control characters replaced, with a stack trace if there was one
   */
  public record Line(Instant at, String level, String logger, String text) {
    /** As one line of a log. */
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s %-5s %s: %s", at, level, logger, text);
    }
  }

  /** A log without lines. */
  public RecentLog() {
    setName("recent");
  }

  /** Listens to everything that is logged from now until {@link #stop}. */
  public void attach(LoggerContext loggers) {
    setContext(loggers);
    start();
    loggers.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(this);
  }

  @Override
  public void stop() {
    super.stop();
    if (getContext() instanceof LoggerContext loggers) {
      loggers.getLogger(Logger.ROOT_LOGGER_NAME).detachAppender(this);
    }
  }

  @Override
  protected void append(ILoggingEvent event) {
    Line line = line(event);
    synchronized (lines) {
      lines.addLast(line);
      characters += line.text().length();
      while (lines.size() > MAX_LINES || characters > MAX_CHARACTERS) {
        characters -= lines.removeFirst().text().length();
      }
    }
  }

  private static Line line(ILoggingEvent event) {
    String logger = event.getLoggerName();
    StringBuilder text = new StringBuilder(printable(event.getFormattedMessage()));
    if (event.getThrowableProxy() != null) {
      text.append('\n').append(ThrowableProxyUtil.asString(event.getThrowableProxy()).strip());
    }
    if (text.length() > MAX_LINE_CHARACTERS) {
      text.setLength(MAX_LINE_CHARACTERS);
      text.append('…');
    }
    return new Line(
        event.getInstant().truncatedTo(ChronoUnit.MILLIS),
        event.getLevel().toString(),
        logger.substring(logger.lastIndexOf('.') + 1),
        text.toString());
  }

  /** One event is one line, whatever its arguments hold. */
  private static String printable(String message) {
    StringBuilder text = new StringBuilder(message.length());
    message.chars().forEach(c -> text.append(Character.isISOControl(c) ? '?' : (char) c));
    return text.toString();
  }

  /** The newest lines of at least that level, oldest first. */
  public List<Line> newest(int count, Level atLeast) {
    synchronized (lines) {
      List<Line> matching =
          lines.stream()
              .filter(line -> Level.toLevel(line.level()).isGreaterOrEqual(atLeast))
              .toList();
      return List.copyOf(matching.subList(Math.max(0, matching.size() - count), matching.size()));
    }
  }

  /** Everything, oldest first, each line ended by a line feed. */
  public String text() {
    StringBuilder text = new StringBuilder();
    newest(MAX_LINES, Level.TRACE).forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }
}
