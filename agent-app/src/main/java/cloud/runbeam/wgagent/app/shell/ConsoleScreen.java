package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandOutput;
import java.io.PrintStream;
import java.util.function.IntSupplier;

/**
 * Where the console writes.
 *
 * @param out results
 * @param err everything else said to a person
 * @param colours whether {@code out} shows them
 * @param width columns now; a terminal may change its size
 */
public record ConsoleScreen(PrintStream out, PrintStream err, boolean colours, IntSupplier width) {
  private static final int MIN_COLUMNS = 40;

  /** For one command. */
  CommandOutput output() {
    int columns = width.getAsInt();
    return new CommandOutput(
        out,
        err,
        colours,
        columns <= 0 ? CommandOutput.DEFAULT_COLUMNS : Math.max(MIN_COLUMNS, columns));
  }

  /** Says what went wrong, as a verb would. */
  void problem(String message) {
    err.println(colours ? "\u001b[31m" + message + "\u001b[0m" : message);
    err.flush();
  }
}
