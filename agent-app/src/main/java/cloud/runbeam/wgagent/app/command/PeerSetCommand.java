package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonArray;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code peer set}: adds a peer, or replaces one. */
final class PeerSetCommand implements Command {
  private static final Option NAME = Option.value("--name", "NAME", Kind.TEXT, "what to call it");
  private static final Option ENDPOINT =
      Option.value("--endpoint", "HOST:PORT", Kind.TEXT, "where it is; several are tried in order")
          .repeated();
  private static final Option ALLOWED_IPS =
      Option.value(
              "--allowed-ips", "PREFIX,...", Kind.TEXT, "what lies behind it, separated by commas")
          .repeated();
  private static final Option KEEPALIVE =
      Option.value(
          "--keepalive", "SECONDS", Kind.TEXT, "keep firewalls between the two open; 0 for off");
  private static final Option PRESHARED_KEY =
      Option.value("--preshared-key", "FILE", Kind.FILE, "file of the preshared key, mode 0600");
  private static final Option PERSIST =
      Option.flag("--persist", "keep it across restarts of the agent");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "peer set",
        List.of(),
        "Add a peer, or replace the one with that key.",
        List.of(
            new Operand("NETWORK", Kind.NETWORK, true, "whose peer"),
            new Operand("PUBLIC_KEY", Kind.PEER, true, "44 characters of base64")),
        List.of(NAME, ENDPOINT, ALLOWED_IPS, KEEPALIVE, PRESHARED_KEY, PERSIST, CommandSyntax.JSON),
        List.of(
            new Example(
                "peer set office T2fCIbaPmBXsxicg9CEPqVqUqoCPtluDZJZi6F/gxcg= --name laptop"
                    + " --allowed-ips 10.100.0.3/32",
                "let a laptop in")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    Map<String, JsonValue> peer = new LinkedHashMap<>();
    arguments.value(NAME).ifPresent(name -> peer.put("name", JsonValue.of(name)));
    peer.put("public_key", JsonValue.of(arguments.required(1)));
    putAll(peer, "endpoint", arguments.values(ENDPOINT));
    putAll(
        peer,
        "allowed_ips",
        arguments.values(ALLOWED_IPS).stream()
            .flatMap(list -> Stream.of(list.split(",", -1)))
            .map(String::strip)
            .toList());
    arguments
        .number(KEEPALIVE, 0, 65_535)
        .ifPresent(seconds -> peer.put("persistent_keepalive_secs", JsonValue.of(seconds)));
    arguments
        .value(PRESHARED_KEY)
        .ifPresent(file ->
            peer.put(
                "preshared_key_path", JsonValue.of(Path.of(file).toAbsolutePath().toString())));
    Map<String, JsonValue> params = OneCall.noParams();
    params.put("network", JsonValue.of(arguments.required(0)));
    params.put("peer", new JsonObject(peer));
    if (arguments.has(PERSIST)) {
      params.put("persist", JsonValue.of(true));
    }
    return new OneCall(
        "peer.set",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        (result, output) -> PeerAnswer.show(result, "set", output));
  }

  private static void putAll(Map<String, JsonValue> peer, String name, List<String> values) {
    if (!values.isEmpty()) {
      peer.put(name, new JsonArray(values.stream().map(JsonValue::of).toList()));
    }
  }
}
