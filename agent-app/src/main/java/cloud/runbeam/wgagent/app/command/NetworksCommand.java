package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.List;

/** {@code networks}: which networks there are, in one line each. */
final class NetworksCommand implements Command {
  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "networks",
        List.of("list"),
        "List the networks of the running agent.",
        List.of(),
        List.of(CommandSyntax.JSON),
        List.of(new Example("networks", "name, state, interface, and where it was configured")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    return new OneCall(
        "list",
        OneCall.noParams(),
        OneCall.QUICK,
        arguments.has(CommandSyntax.JSON),
        NetworksCommand::show);
  }

  private static int show(JsonObject result, CommandOutput output) {
    TextTable table = new TextTable("network~", "state", "interface", "source");
    for (JsonObject network : result.objects("networks")) {
      table.row(
          network.text("network").orElse("?"),
          network.text("state").orElse("?"),
          network.text("interface").orElse("-"),
          network.text("source").orElse("-"));
    }
    output.text(table.isEmpty() ? "no networks\n" : table.text(output));
    return Action.OK;
  }
}
