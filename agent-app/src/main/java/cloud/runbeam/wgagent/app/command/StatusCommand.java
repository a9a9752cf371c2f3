package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;

/** {@code status}: what the agent says about its networks and peers. */
final class StatusCommand implements Command {
  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "status",
        List.of(),
        "Show the networks of the running agent and their peers.",
        List.of(new Operand("NETWORK", Kind.NETWORK, false, "only this network (default: all)")),
        List.of(CommandSyntax.JSON),
        List.of(
            new Example("status", "all networks"),
            new Example("status office --json", "one network, for a script")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    Map<String, JsonValue> params = OneCall.noParams();
    arguments.operand(0).ifPresent(name -> params.put("network", JsonValue.of(name)));
    return new OneCall(
        "status",
        params,
        OneCall.QUICK,
        arguments.has(CommandSyntax.JSON),
        (result, output) -> {
          output.text(StatusReport.of(result).table(output));
          return Action.OK;
        });
  }
}
