package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code peer remove}: takes a peer out of a network. */
final class PeerRemoveCommand implements Command {
  /** 32 bytes in base64. */
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{43}=");

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
    String network = arguments.required(0);
    String peer = arguments.required(1);
    Map<String, JsonValue> params = OneCall.noParams();
    params.put("network", JsonValue.of(network));
    if (arguments.has(PERSIST)) {
      params.put("persist", JsonValue.of(true));
    }
    boolean json = arguments.has(CommandSyntax.JSON);
    return (agent, output) -> {
      params.put("public_key", JsonValue.of(publicKey(agent, network, peer)));
      return new OneCall(
              "peer.remove",
              params,
              OneCall.SLOW,
              json,
              (result, to) -> PeerAnswer.show(result, "removed", to))
          .run(agent, output);
    };
  }

  /** The agent wants a key, people have names. What is neither is for the agent to refuse. */
  private static String publicKey(ControlClient agent, String network, String peer)
      throws ControlException {
    if (KEY.matcher(peer).matches()) {
      return peer;
    }
    JsonValue status =
        agent.call("status", Map.of("network", JsonValue.of(network)), OneCall.QUICK);
    return StatusReport.of(status).networks().stream()
        .flatMap(found -> found.object("peers").stream())
        .flatMap(peers -> peers.objects("detail").stream())
        .filter(candidate -> candidate.text("name").filter(peer::equals).isPresent())
        .flatMap(candidate -> candidate.text("public_key").stream())
        .findFirst()
        .orElse(peer);
  }
}
