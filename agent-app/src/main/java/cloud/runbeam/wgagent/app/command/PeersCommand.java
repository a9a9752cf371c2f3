package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code peers}: every peer with its key, what lies behind it, and how well it is heard. */
final class PeersCommand implements Command {
  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "peers",
        List.of(),
        "List peers with their keys, allowed IPs and losses.",
        List.of(new Operand("NETWORK", Kind.NETWORK, false, "only this network (default: all)")),
        List.of(CommandSyntax.JSON),
        List.of(new Example("peers office", "the peers of one network")));
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
          show(StatusReport.of(result).networks(), output);
          return Action.OK;
        });
  }

  private static void show(List<JsonObject> networks, CommandOutput output) {
    TextTable table =
        new TextTable("network~", "peer~", "public key~", "allowed ips~", "loss", "state");
    for (JsonObject network : networks) {
      for (JsonObject peer :
          network.object("peers").map(peers -> peers.objects("detail")).orElse(List.of())) {
        table.row(
            network.text("network").orElse("?"),
            peer.text("name").orElse("?"),
            peer.text("public_key").orElse("-"),
            allowedIps(peer),
            peer.number("loss_ratio")
                .map(ratio -> String.format(Locale.ROOT, "%.1f %%", ratio * 100))
                .orElse("-"),
            peer.text("state").orElse("-"));
      }
    }
    output.text(table.isEmpty() ? "no peers\n" : table.text(output));
  }

  private static String allowedIps(JsonObject peer) {
    List<String> prefixes = StatusReport.texts(peer, "allowed_ips");
    return prefixes.isEmpty() ? "-" : String.join(" ", prefixes);
  }
}
