package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import java.util.List;

/** {@code version}: what the running agent is; {@code agent-version} as a verb. */
final class AgentVersionCommand implements Command {
  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "agent-version",
        List.of("version"),
        "Show version and platform of the running agent.",
        List.of(),
        List.of(CommandSyntax.JSON),
        List.of(new Example("agent-version", "is the new version running already?")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    return new OneCall(
        "version",
        OneCall.noParams(),
        OneCall.QUICK,
        arguments.has(CommandSyntax.JSON),
        (result, output) -> {
          Members.print(result, List.of(), output);
          return Action.OK;
        });
  }
}
