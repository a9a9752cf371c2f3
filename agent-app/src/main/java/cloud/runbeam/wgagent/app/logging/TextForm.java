package cloud.runbeam.wgagent.app.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Lines for people. For journald, which has time and level of its own, without them.
 *
 * @param zone of the time shown
 * @param dated whether time and level stand before the message
 */
record TextForm(ZoneId zone, boolean dated) implements LineForm {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT);
  private static final int LEVEL_WIDTH = 5;

  @Override
  public void append(StringBuilder lines, ILoggingEvent event, String note) {
    if (dated) {
      TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()).atZone(zone), lines);
      String level = event.getLevel().toString();
      lines.append(' ').append(level).repeat(' ', LEVEL_WIDTH - level.length() + 1);
    }
    PrintableText.append(lines, String.valueOf(event.getFormattedMessage()), MAX_MESSAGE);
    lines.append(note).append('\n');
    LineForm.appendFault(lines, event);
  }
}
