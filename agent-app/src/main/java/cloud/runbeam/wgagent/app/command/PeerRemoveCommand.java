package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;

/** {@code peer remove}: takes a peer out of a network. */
final class PeerRemoveCommand implements Command {
  private static final Option PERSIST =
      Option.flag("--persist", "keep it out across restarts of the agent");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "peer remove",
        List.of(),
        "Remove a peer; its session ends at once.",
        List.of(
            new Operand("NETWORK", Kind.NETWORK, true, "whose peer"),
            new Operand("PEER", Kind.PEER, true, "its public key, or its name")),
        List.of(PERSIST, CommandSyntax.JSON),
        List.of(new Example("peer remove office laptop", "shut the laptop out")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    Map<String, JsonValue> params = OneCall.noParams();
    params.put("network", JsonValue.of(arguments.required(0)));
    params.put("peer", JsonValue.of(arguments.required(1)));
    if (arguments.has(PERSIST)) {
      params.put("persist", JsonValue.of(true));
    }
    return new OneCall(
        "peer.remove",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        (result, output) -> PeerAnswer.show(result, "removed", output));
  }
}
