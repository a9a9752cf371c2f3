package cloud.runbeam.wgagent.app.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Lets only so many lines of a kind through per minute, so that neither a peer nor a caller nor a
 * broken disk can fill the log; says when it begins to leave out, and afterwards how many it left
 * out. Lines of debugging are not limited: whoever asks for them wants them all.
 *
 * <pre>
 *   the same message              {@value #SAME_MESSAGE} a minute
 *   the same place in the code    {@value #SAME_PLACE} a minute, whatever the names in the message
 * </pre>
 *
 * <p>One thread at a time. What it remembers is bounded by {@value #MAX_KINDS} kinds of lines; the
 * one not seen for longest is forgotten.
 */
final class RepeatLimit {
  static final int SAME_MESSAGE = 10;
  static final int SAME_PLACE = 200;
  static final int MAX_KINDS = 1_000;

  private static final long WINDOW_NS = 60_000_000_000L;
  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final LongSupplier clockNs;
  private final Map<String, Kind> kinds =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kind> eldest) {
          return size() > MAX_KINDS;
        }
      };

  /** A limit that reads time off {@code clockNs}. */
  RepeatLimit(LongSupplier clockNs) {
    this.clockNs = clockNs;
  }

  /**
   * What to say behind the message of {@code event}, mostly nothing; empty where the line is to be
   * left out.
   */
  Optional<String> admit(ILoggingEvent event) {
    if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
      return Optional.of("");
    }
    long nowNs = clockNs.getAsLong();
    String message = "m" + event.getFormattedMessage();
    String place = "p" + event.getLoggerName() + ' ' + event.getMessage();
    Optional<String> byMessage = admit(message, SAME_MESSAGE, nowNs);
    return byMessage.isEmpty()
        ? byMessage
        : admit(place, SAME_PLACE, nowNs).map(note -> byMessage.get() + note);
  }

  private Optional<String> admit(String key, int limit, long nowNs) {
    Kind kind = kinds.computeIfAbsent(key, _ -> new Kind(nowNs));
    String before = "";
    if (nowNs - kind.sinceNs >= WINDOW_NS) {
      if (kind.leftOut > 0) {
        before =
            " ("
                + kind.leftOut
                + " lines like this were left out in the last "
                + (nowNs - kind.sinceNs) / NS_PER_SECOND
                + " s)";
      }
      kind.begin(nowNs);
    }
    if (kind.shown == limit) {
      kind.leftOut++;
      return Optional.empty();
    }
    kind.shown++;
    return Optional.of(
        kind.shown == limit
            ? before
                + " (more lines like this are left out for "
                + Math.ceilDiv(WINDOW_NS - (nowNs - kind.sinceNs), NS_PER_SECOND)
                + " s)"
            : before);
  }

  private static final class Kind {
    private long sinceNs;
    private int shown;
    private long leftOut;

    Kind(long nowNs) {
      begin(nowNs);
    }

    private void begin(long nowNs) {
      sinceNs = nowNs;
      shown = 0;
      leftOut = 0;
    }
  }
}
