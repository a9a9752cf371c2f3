package cloud.runbeam.wgagent.app.diagnostics;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the host's own tools say of its network: the words an operator would look at next. Each runs
 * for two seconds at most and says half a million bytes at most; one that is missing is left out.
 */
public final class HostCommands {
  private static final int MAX_BYTES = 500_000;
  private static final long SECONDS = 2;

  private static final List<List<String>> LINUX =
      List.of(
          List.of("ip", "-details", "address", "show"),
          List.of("ip", "-4", "rule", "show"),
          List.of("ip", "-6", "rule", "show"),
          List.of("ip", "-4", "route", "show", "table", "all"),
          List.of("ip", "-6", "route", "show", "table", "all"),
          List.of("nft", "list", "ruleset"),
          List.of("resolvectl", "status"));

  private static final List<List<String>> OTHERS =
      List.of(List.of("ifconfig"), List.of("netstat", "-rn"));

  private final List<List<String>> commands;

  HostCommands(List<List<String>> commands) {
    this.commands = commands;
  }

  /** The commands for a platform, by its short name. */
  public static HostCommands of(String platform) {
    return new HostCommands(platform.equals("linux") ? LINUX : OTHERS);
  }

  /** Each command and what it said. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (List<String> command : commands) {
      text.append("$ ").append(String.join(" ", command)).append('\n');
      text.append(run(command).strip()).append("\n\n");
    }
    return text.toString();
  }

  private static String run(List<String> command) {
    Process process;
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().clear();
      builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
      builder.environment().put("LC_ALL", "C");
      process = builder.start();
    } catch (IOException e) {
      return "(" + e.getMessage() + ")";
    }
    try (InputStream said = process.getInputStream()) {
      process.getOutputStream().close();
      Thread.ofVirtual().start(() -> endInTime(process));
      String text = new String(said.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
      return text.isBlank() ? "(nothing)" : text;
    } catch (IOException e) {
      return "(" + e.getMessage() + ")";
    } finally {
      process.destroyForcibly();
    }
  }

  /** What ends the reading of one that hangs. */
  private static void endInTime(Process process) {
    try {
      // Not one that has ended: that would close what it said before it is read.
      if (process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
