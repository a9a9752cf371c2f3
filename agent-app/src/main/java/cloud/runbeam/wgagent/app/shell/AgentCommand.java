package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.Command;
import cloud.runbeam.wgagent.app.command.CommandArguments;
import cloud.runbeam.wgagent.app.command.CommandUsageException;
import cloud.runbeam.wgagent.client.ControlException;
import java.io.IOException;
import java.util.List;

/** A command that asks the agent, as the console runs it. */
public final class AgentCommand extends ConsoleCommand {
  private final Command command;
  private final AgentLink link;
  private final ConsoleScreen screen;

  /** The command over that link, telling that screen. */
  public AgentCommand(Command command, AgentLink link, ConsoleScreen screen) {
    super(command.syntax());
    this.command = command;
    this.link = link;
    this.screen = screen;
  }

  @Override
  int run(List<String> words) {
    try {
      Command.Action action = command.read(CommandArguments.parse(syntax(), words));
      return link.use(agent -> action.run(agent, screen.output()));
    } catch (CommandUsageException e) {
      screen.problem(String.valueOf(e.getMessage()));
      screen.err().println("  Usage: " + syntax().usage());
      return USAGE;
    } catch (ControlException e) {
      screen.problem(String.valueOf(e.getMessage()));
      e.problems().forEach(problem -> screen.err().println("  " + problem));
      return Command.Action.FAILED;
    } catch (IOException e) {
      screen.problem("input or output failed: " + e.getMessage());
      return Command.Action.FAILED;
    }
  }
}
