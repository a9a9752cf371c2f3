package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;

/** {@code disconnect}: takes a network down. */
final class DisconnectCommand implements Command {
  private static final Option FORGET =
      Option.flag("--forget", "let the agent forget its settings too, if they came over the API");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "disconnect",
        List.of(),
        "Take a network down.",
        List.of(new Operand("NETWORK", Kind.NETWORK, true, "which")),
        List.of(FORGET, CommandSyntax.JSON),
        List.of(new Example("disconnect office", "its interface, routes and DNS are undone")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    Map<String, JsonValue> params = OneCall.noParams();
    params.put("network", JsonValue.of(arguments.required(0)));
    if (arguments.has(FORGET)) {
      params.put("forget", JsonValue.of(true));
    }
    return new OneCall(
        "disconnect",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        (result, output) -> {
          output.line(
              TextTable.printable(
                  result.text("network").orElse("?") + ": " + result.text("state").orElse("?")));
          return Action.OK;
        });
  }
}
