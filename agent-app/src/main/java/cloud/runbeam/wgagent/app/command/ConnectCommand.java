package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code connect}: brings a network up, one of the agent's or one from a file. */
final class ConnectCommand implements Command {
  private static final Option CONFIG =
      Option.value(
          "--config",
          "FILE",
          Kind.FILE,
          "take the network from this TOML file instead of the agent's own");
  private static final Option PERSIST =
      Option.flag("--persist", "keep it across restarts of the agent");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "connect",
        List.of(),
        "Bring a network up.",
        List.of(
            new Operand(
                "NETWORK",
                Kind.NETWORK,
                false,
                "which; may be left out with a file that has only one")),
        List.of(CONFIG, PERSIST, CommandSyntax.JSON),
        List.of(
            new Example("connect office", "a network of the agent's configuration"),
            new Example(
                "connect --config office.toml --persist", "one that the agent does not have yet")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    Optional<String> file = arguments.value(CONFIG);
    Map<String, JsonValue> params = OneCall.noParams();
    if (file.isPresent()) {
      ConfigParameter.of(file.get(), arguments.operand(0)).put(params);
    } else {
      params.put(
          "network",
          JsonValue.of(
              arguments
                  .operand(0)
                  .orElseThrow(() ->
                      new CommandUsageException(
                          "NETWORK is missing: name one, or give --config"))));
    }
    if (arguments.has(PERSIST)) {
      if (file.isEmpty()) {
        throw new CommandUsageException("--persist goes with --config");
      }
      params.put("persist", JsonValue.of(true));
    }
    return new OneCall(
        "connect", params, OneCall.SLOW, arguments.has(CommandSyntax.JSON), ConnectCommand::show);
  }

  private static int show(JsonObject result, CommandOutput output) {
    StringBuilder line = new StringBuilder(result.text("network").orElse("?"));
    line.append(": ").append(result.text("state").orElse("?"));
    result.text("interface").ifPresent(name -> line.append(", ").append(name));
    result
        .integer("peers")
        .ifPresent(
            peers -> line.append(", ").append(peers).append(peers == 1 ? " peer" : " peers"));
    output.line(TextTable.printable(line.toString()));
    return Action.OK;
  }
}
