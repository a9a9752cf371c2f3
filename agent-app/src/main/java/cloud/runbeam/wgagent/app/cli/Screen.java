package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.command.CommandOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What stands at the other end of standard output.
 *
 * @param isTerminal whether a person reads it; false where that cannot be told
 * @param colours whether it shows them
 * @param columns how wide it is
 */
record Screen(boolean isTerminal, boolean colours, int columns) {
  /** Asking the JDK's console would load a line editor, which takes longer than a whole command. */
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");

  /** The screen of this process. */
  static Screen of(Map<String, String> variables) {
    boolean terminal = isTerminal(STANDARD_OUTPUT);
    // https://no-color.org
    boolean refused =
        !variables.getOrDefault("NO_COLOR", "").isEmpty()
            || variables.getOrDefault("TERM", "dumb").equals("dumb");
    String columns = variables.getOrDefault("COLUMNS", "");
    return new Screen(
        terminal,
        terminal && !refused,
        columns.matches("[1-9][0-9]{1,3}")
            ? Integer.parseInt(columns)
            : CommandOutput.DEFAULT_COLUMNS);
  }

  private static boolean isTerminal(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }
}
