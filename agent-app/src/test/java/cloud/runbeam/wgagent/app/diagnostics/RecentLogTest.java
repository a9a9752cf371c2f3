package cloud.runbeam.wgagent.app.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecentLogTest {
  private final LoggerContext loggers = new LoggerContext();
  private final RecentLog recent = new RecentLog();
  private final Logger log = loggers.getLogger("cloud.runbeam.wgagent.app.tunnel.Tunnel");

  @BeforeEach
  void attach() {
    recent.attach(loggers);
  }

  @AfterEach
  void stop() {
    recent.stop();
  }

  @Test
  void remembersTheNewestLinesOfAtLeastALevel() {
    log.info("one");
    log.warn("two");
    log.error("three");

    assertThat(recent.newest(2, Level.TRACE))
        .extracting(RecentLog.Line::text)
        .containsExactly("two", "three");
    assertThat(recent.newest(9, Level.WARN))
        .extracting(RecentLog.Line::level)
        .containsExactly("WARN", "ERROR");
    assertThat(recent.text()).contains("INFO  Tunnel: one\n", "ERROR Tunnel: three\n");
  }

  @Test
  void isBoundedInLinesAndCharacters() {
    for (int i = 0; i < 3_000; i++) {
      log.info("line {}", i);
    }
    assertThat(recent.newest(5_000, Level.TRACE))
        .hasSize(2_000)
        .last()
        .extracting("text")
        .isEqualTo("line 2999");
    for (int i = 0; i < 300; i++) {
      log.info("x".repeat(20_000));
    }
    assertThat(recent.text().length()).isLessThan(1_100_000);
  }

  @Test
  void oneEventIsOneLineWhateverItsArgumentsHold() {
    log.info("network {}", "a\nFAKE ERROR\u001b[31m");
    assertThat(recent.newest(1, Level.TRACE).getFirst().text())
        .isEqualTo("network a?FAKE ERROR?[31m");
  }

  @Test
  void keepsTheStackTraceAndEndsWhenItIsStopped() {
    log.error("failed", new IllegalStateException("why"));
    assertThat(recent.text()).contains("failed\njava.lang.IllegalStateException: why");
    recent.stop();
    log.error("after");
    assertThat(recent.text()).doesNotContain("after");
  }
}
