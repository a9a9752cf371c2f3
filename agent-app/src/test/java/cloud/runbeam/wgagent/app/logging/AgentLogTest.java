package cloud.runbeam.wgagent.app.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AgentLogTest {
  private static final TextForm TEXT = new TextForm(ZoneOffset.UTC, true);
  private static final String AGENT = "cloud.runbeam.wgagent.app.Something";
  private static final long MINUTE_NS = 60_000_000_000L;

  private final AtomicLong nowNs = new AtomicLong();
  private final LogCounts counts = new LogCounts();

  @Test
  void writesTimeLevelAndMessageOnOneLine() {
    String written =
        written(
            TEXT,
            log -> log.append(event(AGENT, Level.WARN, "network {}: it {} rains", "office", 1)));

    assertThat(written).isEqualTo("2026-01-02T03:04:05.678Z WARN  network office: it 1 rains\n");
  }

  @Test
  void letsNoNameFakeALineOrHideOne() {
    String name = "a\n2026-01-02T03:04:05Z INFO  all is well\r\t\u001b[2J\u202e\u2028\u0000b\uD800";

    String written = written(TEXT, log -> log.append(event(AGENT, Level.INFO, "peer {}", name)));

    assertThat(written)
        .isEqualTo(
            "2026-01-02T03:04:05.678Z INFO  peer a\\n2026-01-02T03:04:05Z INFO  all is"
                + " well\\r\\t\\u001b[2J\\u202e\\u2028\\u0000b\\ud800\n");
    assertThat(written(TEXT, log -> log.append(event(AGENT, Level.INFO, "größe {}", "🦊"))))
        .endsWith("größe 🦊\n");
  }

  @Test
  void cutsALineThatIsTooLong() {
    String written =
        written(
            TEXT,
            log ->
                log.append(event(AGENT, Level.INFO, "{}", "x".repeat(LineForm.MAX_MESSAGE + 7))));

    assertThat(written).endsWith("x… (7 characters left out)\n");
  }

  @Test
  void indentsEveryLineOfAStackTraceWhateverItsMessage() {
    LoggingEvent fault = event(AGENT, Level.ERROR, "broken");
    fault.setThrowableProxy(
        new ThrowableProxy(new IllegalStateException("first\n2026-01-02 INFO  forged")));

    List<String> lines = written(TEXT, log -> log.append(fault)).lines().toList();

    assertThat(lines.getFirst()).endsWith("ERROR broken");
    assertThat(lines.stream().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("\t"));
    assertThat(lines).anyMatch(line -> line.startsWith("\tat " + AgentLogTest.class.getName()));
  }

  @Test
  void tellsJournaldThePriorityOfEachLine() {
    LineForm form = LineForm.withPriority(new TextForm(ZoneOffset.UTC, false));
    LoggingEvent fault = event(AGENT, Level.ERROR, "broken");
    fault.setThrowableProxy(new ThrowableProxy(new IllegalStateException("why")));

    assertThat(written(form, log -> log.append(event(AGENT, Level.WARN, "odd"))))
        .isEqualTo("<4>odd\n");
    assertThat(written(form, log -> log.append(event(AGENT, Level.INFO, "fine"))))
        .isEqualTo("<6>fine\n");
    assertThat(written(form, log -> log.append(event(AGENT, Level.DEBUG, "detail"))))
        .isEqualTo("<7>detail\n");
    assertThat(written(form, log -> log.append(fault)).lines().toList())
        .hasSizeGreaterThan(2)
        .allMatch(line -> line.startsWith("<3>"));
  }

  @Test
  void writesOneJsonObjectPerLineWithTheNetwork() {
    String logger = NetworkLog.of("office").getName();
    LoggingEvent fault = event(logger, Level.ERROR, "say \"{}\"\n", "hi");
    fault.setThrowableProxy(new ThrowableProxy(new IllegalStateException("why")));

    String written = written(new JsonForm("1.2.3", 77), log -> log.append(fault));

    assertThat(written.lines()).hasSize(1);
    JsonNode line = JsonMapper.shared().readTree(written);
    assertThat(line.at("/@timestamp").stringValue()).isEqualTo("2026-01-02T03:04:05.678Z");
    assertThat(line.at("/log/level").stringValue()).isEqualTo("ERROR");
    assertThat(line.at("/network/name").stringValue()).isEqualTo("office");
    assertThat(line.at("/message").stringValue()).isEqualTo("say \"hi\"\n");
    assertThat(line.at("/error/type").stringValue()).isEqualTo("java.lang.IllegalStateException");
    assertThat(line.at("/service/version").stringValue()).isEqualTo("1.2.3");
    assertThat(line.at("/process/pid").intValue()).isEqualTo(77);
  }

  @Test
  void leavesOutRepeatsAndSaysHowMany() {
    String flood =
        written(
            TEXT,
            log -> {
              for (int i = 0; i < 500; i++) {
                log.append(event(AGENT, Level.WARN, "disk full"));
              }
              log.append(event(AGENT, Level.WARN, "something else"));
              nowNs.addAndGet(MINUTE_NS);
              log.append(event(AGENT, Level.WARN, "disk full"));
            });

    assertThat(flood.lines()).hasSize(RepeatLimit.SAME_MESSAGE + 2);
    assertThat(flood)
        .contains("disk full (more lines like this are left out for 60 s)\n")
        .contains("WARN  something else\n")
        .endsWith("disk full (490 lines like this were left out in the last 60 s)\n");
    assertThat(counts.leftOut()).isEqualTo(490);
    assertThat(counts.written()).isEqualTo(RepeatLimit.SAME_MESSAGE + 2);
  }

  @Test
  void leavesOutAFloodThatVariesItsNames() {
    String flood =
        written(
            TEXT,
            log -> {
              for (int i = 0; i < 5_000; i++) {
                log.append(event(AGENT, Level.WARN, "caller {} refused", i));
              }
            });

    assertThat(flood.lines()).hasSize(RepeatLimit.SAME_PLACE);
  }

  @Test
  void limitsNoDebugging() {
    String debugging =
        written(
            TEXT,
            log -> {
              for (int i = 0; i < 500; i++) {
                log.append(event(AGENT, Level.DEBUG, "detail"));
              }
            });

    assertThat(debugging.lines()).hasSize(500);
  }

  @Test
  void knowsWhetherItsOutputIsTheJournal(@TempDir Path directory) throws IOException {
    Path stream = Files.createFile(directory.resolve("stream"));
    String here =
        Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino");

    assertThat(JournalStream.is(Map.of("JOURNAL_STREAM", here), stream)).isTrue();
    assertThat(JournalStream.is(Map.of("JOURNAL_STREAM", "1:" + here), stream)).isFalse();
    assertThat(JournalStream.is(Map.of(), stream)).isFalse();
    assertThat(JournalStream.is(Map.of("JOURNAL_STREAM", here), directory.resolve("none")))
        .isFalse();
  }

  private String written(LineForm form, Consumer<AgentLog> work) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      work.accept(new AgentLog(form, () -> stream, counts, nowNs::get));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static LoggingEvent event(
      String logger, Level level, String message, Object... arguments) {
    Logger source = new LoggerContext().getLogger(logger);
    LoggingEvent event = new LoggingEvent("here", source, level, message, null, arguments);
    event.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
    return event;
  }
}
