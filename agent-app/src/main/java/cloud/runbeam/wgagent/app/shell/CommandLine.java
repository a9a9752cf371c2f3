package cloud.runbeam.wgagent.app.shell;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandExecutionException;
import org.springframework.shell.core.command.CommandExecutor;
import org.springframework.shell.core.command.CommandNotFoundException;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.command.ParsedInput;

/**
 * Runs one line through Spring Shell's parser, registry and executor, and gives it an exit code,
 * which Spring Shell's own runners do not.
 */
public final class CommandLine {
  private static final InputReader NO_INPUT = new InputReader() {};

  private final LineParser parser;
  private final CommandCatalog catalog;
  private final CommandRegistry registry;
  private final CommandExecutor executor;
  private final ConsoleScreen screen;

  /** Lines for the commands of {@code registry}. */
  public CommandLine(
      LineParser parser, CommandCatalog catalog, CommandRegistry registry, ConsoleScreen screen) {
    this.parser = parser;
    this.catalog = catalog;
    this.registry = registry;
    this.executor = new CommandExecutor(registry);
    this.screen = screen;
  }

  /**
   * Runs a line.
   *
   * @return 0 done or nothing to do, 1 refused or failed, 2 not understood
   */
  int run(String line) {
    String stripped = line.strip();
    if (stripped.isEmpty() || stripped.startsWith("#")) {
      return 0;
    }
    try {
      ParsedInput input = parser.parse(stripped);
      PrintWriter writer = new PrintWriter(screen.out(), true, StandardCharsets.UTF_8);
      return executor.execute(new CommandContext(input, registry, writer, NO_INPUT)).code();
    } catch (LineSyntaxException e) {
      screen.problem(String.valueOf(e.getMessage()));
      return ConsoleCommand.USAGE;
    } catch (CommandNotFoundException e) {
      screen.problem(catalog.unknown(e.getCommandName()));
      return ConsoleCommand.USAGE;
    } catch (CommandExecutionException e) {
      // Commands tell their own problems: what arrives here is a fault of ours.
      screen.problem("the console failed: " + e.getCause() + "; please report this");
      return 1;
    }
  }
}
