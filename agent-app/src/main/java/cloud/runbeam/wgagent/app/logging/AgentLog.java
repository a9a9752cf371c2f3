package cloud.runbeam.wgagent.app.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * Writes every line of this process to one stream.
 *
 * <pre>
 *   event ──▶ RepeatLimit ──▶ LineForm ──▶ stream, one write for each event
 * </pre>
 *
 * <p>Any thread; lines do not mix. A stream that cannot be written to loses lines and nothing else.
 */
public final class AgentLog extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final String NAME = "AGENT";

  private final LineForm form;
  private final Supplier<PrintStream> stream;
  private final LogCounts counts;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final RepeatLimit limit;
  private final StringBuilder line = new StringBuilder();

  /**
   * A log that is not in use yet.
   *
   * @param form how lines look
   * @param stream asked at each line
   * @param counts counts what is written and what is not
   * @param clockNs monotonic time, for the limit of repeats
   */
  AgentLog(LineForm form, Supplier<PrintStream> stream, LogCounts counts, LongSupplier clockNs) {
    this.form = form;
    this.stream = stream;
    this.counts = counts;
    this.limit = new RepeatLimit(clockNs);
    setName(NAME);
  }

  /** Takes the place of all appenders of the root logger. */
  void install() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers) {
      Logger root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
      root.detachAndStopAllAppenders();
      setContext(loggers);
      start();
      root.addAppender(this);
    }
  }

  @Override
  protected void append(ILoggingEvent event) {
    lock.lock();
    try {
      Optional<String> note = limit.admit(event);
      if (note.isEmpty()) {
        counts.countLeftOut();
        return;
      }
      line.setLength(0);
      form.append(line, event, note.get());
      byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
      PrintStream out = stream.get();
      out.write(bytes, 0, bytes.length);
      out.flush();
      counts.countWritten();
    } finally {
      lock.unlock();
    }
  }
}
