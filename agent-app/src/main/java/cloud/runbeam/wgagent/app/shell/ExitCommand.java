package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import java.util.List;

/** {@code exit}: leaves the console; tunnels are not touched. */
public final class ExitCommand extends ConsoleCommand {
  private boolean asked;

  /** The command. */
  public ExitCommand() {
    super(
        new CommandSyntax(
            "exit",
            List.of("quit"),
            "Leave the console; the agent and its tunnels go on.",
            List.of(),
            List.of(),
            List.of(new Example("exit", "or Ctrl-D"))));
  }

  @Override
  int run(List<String> words) {
    asked = true;
    return 0;
  }

  /** Whether the console is to end. */
  boolean asked() {
    return asked;
  }
}
