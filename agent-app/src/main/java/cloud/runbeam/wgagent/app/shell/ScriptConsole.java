package cloud.runbeam.wgagent.app.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.springframework.shell.core.ShellRunner;

/**
 * The console without a terminal: every line of its input is a command, {@code #} begins a comment,
 * and what failed last gives the exit code. One thread.
 */
public final class ScriptConsole implements ShellRunner {
  private final InputStream input;
  private final CommandLine line;
  private final ExitCommand exit;
  private final ConsoleScreen screen;
  private int exitCode;

  /** A console that reads {@code input} to its end. */
  public ScriptConsole(
      InputStream input, CommandLine line, ExitCommand exit, ConsoleScreen screen) {
    this.input = input;
    this.line = line;
    this.exit = exit;
    this.screen = screen;
  }

  @Override
  public void run(String[] arguments) {
    try {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
      for (String each = lines.readLine();
          each != null && !exit.asked();
          each = exit.asked() ? null : lines.readLine()) {
        int code = line.run(each);
        exitCode = code == 0 ? exitCode : code;
        screen.out().flush();
      }
    } catch (IOException e) {
      screen.problem("reading commands failed: " + e.getMessage());
      exitCode = 1;
    }
  }

  /** The exit code of the last command that failed, 0 if none did. */
  public int exitCode() {
    return exitCode;
  }
}
