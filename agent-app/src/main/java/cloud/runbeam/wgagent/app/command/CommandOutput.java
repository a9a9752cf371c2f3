package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.JsonValue;
import java.io.PrintStream;

/**
 * Where a command's result goes.
 *
 * @param out results: what a script reads
 * @param err everything said to a person beside them
 * @param colours whether {@code out} is a terminal that shows them
 * @param columns how wide tables may be
 */
public record CommandOutput(PrintStream out, PrintStream err, boolean colours, int columns) {
  /** What every terminal has. */
  public static final int DEFAULT_COLUMNS = 80;

  /** Prints a result as received, indented. */
  public void json(JsonValue result) {
    out.print(result.toIndentedJson() + "\n");
    out.flush();
  }

  /** Prints a text that ends with a line feed. */
  public void text(String text) {
    out.print(text);
    out.flush();
  }

  /** Prints a line. */
  public void line(String line) {
    text(line + "\n");
  }
}
