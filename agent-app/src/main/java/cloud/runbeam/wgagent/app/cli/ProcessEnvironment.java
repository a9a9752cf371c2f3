package cloud.runbeam.wgagent.app.cli;

import java.util.Locale;
import java.util.Map;

/**
 * The variables that {@code device} shares with wireguard-go, and the one between our launcher and
 * us.
 *
 * @param foreground {@code WG_PROCESS_FOREGROUND=1}
 * @param logLevel {@code LOG_LEVEL}: {@code verbose} or {@code debug}, {@code error}, {@code
 *     silent}; empty when absent
 * @param launcherWaits whether standard output is a pipe on which the launcher waits for {@link
 *     BackgroundProcess#READY}
 */
record ProcessEnvironment(boolean foreground, String logLevel, boolean launcherWaits) {
  static final String FOREGROUND = "WG_PROCESS_FOREGROUND";
  static final String LAUNCHER_WAITS = "WG_AGENT_LAUNCHER_WAITS";

  /** Reads the variables. */
  static ProcessEnvironment of(Map<String, String> variables) {
    return new ProcessEnvironment(
        "1".equals(variables.get(FOREGROUND)),
        variables.getOrDefault("LOG_LEVEL", "").toLowerCase(Locale.ROOT),
        "1".equals(variables.get(LAUNCHER_WAITS)));
  }

  /** Whether to tell what happens, not only what fails. */
  boolean verbose() {
    return logLevel.equals("verbose") || logLevel.equals("debug");
  }

  /** Whether not even refused requests are to be told. */
  boolean silent() {
    return logLevel.equals("silent");
  }

  /**
   * Whether standard error stays open in the background, as it does for wireguard-go when a level
   * is asked for.
   */
  boolean logging() {
    return !logLevel.isEmpty() && !silent();
  }
}
