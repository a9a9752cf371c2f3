package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code plan}: shows what {@code reload} would do. */
final class PlanCommand implements Command {
  private static final Option CONFIG =
      Option.value("--config", "FILE", Kind.FILE, "take one network from this TOML file instead");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "plan",
        List.of(),
        "Show what reload would change, and change nothing.",
        List.of(new Operand("NETWORK", Kind.NETWORK, false, "only this network (default: all)")),
        List.of(CONFIG, CommandSyntax.JSON),
        List.of(
            new Example("plan", "what the configuration file would change now"),
            new Example("plan office --config office.toml", "what this file would change")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    Map<String, JsonValue> params = OneCall.noParams();
    Optional<String> file = arguments.value(CONFIG);
    if (file.isPresent()) {
      ConfigParameter.of(file.get(), arguments.operand(0)).put(params);
    } else {
      arguments.operand(0).ifPresent(name -> params.put("network", JsonValue.of(name)));
    }
    return new OneCall(
        "plan",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        (result, output) -> DiffReport.show(result, false, output));
  }
}
