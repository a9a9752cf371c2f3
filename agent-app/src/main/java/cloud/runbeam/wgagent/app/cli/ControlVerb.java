package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.command.Command;
import cloud.runbeam.wgagent.app.command.CommandArguments;
import cloud.runbeam.wgagent.app.command.CommandOutput;
import cloud.runbeam.wgagent.app.command.CommandSyntax;
import cloud.runbeam.wgagent.app.command.CommandUsageException;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A control command as a process of its own: connects, runs it, ends with its exit code. */
final class ControlVerb {
  private final Command command;
  private final Terminal terminal;
  private final Map<String, String> variables;

  ControlVerb(Command command, Terminal terminal, Map<String, String> variables) {
    this.command = command;
    this.terminal = terminal;
    this.variables = variables;
  }

  /** The command's syntax and where the agent is. */
  static CommandSyntax syntax(Command command) {
    CommandSyntax bare = command.syntax();
    List<CommandSyntax.Option> options = new ArrayList<>(bare.options());
    options.add(ControlSocket.COMMAND_OPTION);
    return new CommandSyntax(
        bare.name(), bare.aliases(), bare.summary(), bare.operands(), options, bare.examples());
  }

  /** Runs it with the words behind its name. */
  int run(List<String> words) throws CommandUsageException, ControlException, IOException {
    CommandArguments arguments = CommandArguments.parse(syntax(command), words);
    Command.Action action = command.read(arguments);
    try (ControlClient agent =
        ControlClient.connect(
            ControlSocket.options(arguments.value(ControlSocket.COMMAND_OPTION), variables))) {
      return action.run(agent, output());
    }
  }

  private CommandOutput output() {
    Screen screen = Screen.of(variables);
    return new CommandOutput(terminal.out(), terminal.err(), screen.colours(), screen.columns());
  }
}
