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
 * @param recent remembers the last lines
 */
public record LogSetup(
    AgentSettings.Log settings, boolean journal, String version, RecentLog recent) {

  /** From now on every line of this process looks as configured. */
  public void install() {
    LineForm dated = new TextForm(ZoneId.systemDefault(), true);
    LineForm plain =
        settings.format() == LogFormat.JSON
            ? new JsonForm(version, ProcessHandle.current().pid())
            : journal ? new TextForm(ZoneId.systemDefault(), false) : dated;
    new AgentLog(
            journal ? LineForm.withPriority(plain) : plain,
            dated,
            () -> System.out,
            recent,
            System::nanoTime)
        .install();
  }
}
