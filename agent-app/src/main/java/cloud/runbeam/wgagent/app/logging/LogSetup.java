package cloud.runbeam.wgagent.app.logging;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.AgentSettings.LogFormat;
import java.time.ZoneId;

/**
 * Puts {@link AgentLog} in place, once Spring Boot has set the levels.
 *
 * @param settings how lines look
 * @param journal whether standard output goes to journald
 * @param version of this release
 * @param counts counts what is written and what is not
 */
public record LogSetup(
    AgentSettings.Log settings, boolean journal, String version, LogCounts counts) {

  /** From now on every line of this process looks as configured. */
  public void install() {
    LineForm plain =
        settings.format() == LogFormat.JSON
            ? new JsonForm(version, ProcessHandle.current().pid())
            : new TextForm(ZoneId.systemDefault(), !journal);
    new AgentLog(
            journal ? LineForm.withPriority(plain) : plain,
            () -> System.out,
            counts,
            System::nanoTime)
        .install();
  }
}
