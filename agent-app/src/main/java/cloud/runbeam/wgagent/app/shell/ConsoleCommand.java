package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import java.util.List;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;

/** A command of the console, described once in the way of {@code app.command}. */
public abstract class ConsoleCommand implements Command {
  static final int USAGE = 2;

  private final CommandSyntax syntax;

  ConsoleCommand(CommandSyntax syntax) {
    this.syntax = syntax;
  }

  /** How it is written. */
  public final CommandSyntax syntax() {
    return syntax;
  }

  @Override
  public final String getName() {
    return syntax.name();
  }

  @Override
  public final String getDescription() {
    return syntax.summary();
  }

  @Override
  public final String getHelp() {
    return ConsoleHelp.of(syntax);
  }

  @Override
  public final List<String> getAliases() {
    return syntax.aliases();
  }

  @Override
  public final ExitStatus execute(CommandContext context) {
    int code = run(context.parsedInput().arguments().stream().map(CommandArgument::value).toList());
    // Not ExitStatus.USAGE_ERROR and its like: their codes are negative.
    return new ExitStatus(code, getName());
  }

  /**
   * Runs it; problems are told before it returns.
   *
   * @param words behind its name
   * @return the exit code: 0 done, 1 refused or failed, 2 not understood
   */
  abstract int run(List<String> words);
}
