package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code reload}: applies what has changed in the configuration, live. */
final class ReloadCommand implements Command {
  private static final Option CONFIG =
      Option.value("--config", "FILE", Kind.FILE, "take one network from this TOML file instead");

  private static final Option PERSIST =
      Option.flag("--persist", "with --config: keep it across restarts of the agent");

  private static final Option CONFIRM =
      Option.value(
          "--confirm",
          "SECONDS",
          Kind.TEXT,
          "take it back after 1 to 3600 s unless wg-agent confirm is run");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "reload",
        List.of("apply"),
        "Apply what changed in the configuration, and only that.",
        List.of(new Operand("NETWORK", Kind.NETWORK, false, "only this network (default: all)")),
        List.of(CONFIG, PERSIST, CONFIRM, CommandSyntax.JSON),
        List.of(
            new Example("reload", "read the configuration file again; SIGHUP does the same"),
            new Example("reload office --config office.toml", "one network, from another file"),
            new Example("apply --confirm 60", "undone in a minute unless you can still confirm")));
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
    if (arguments.has(PERSIST)) {
      if (file.isEmpty()) {
        throw new CommandUsageException("--persist goes with --config");
      }
      params.put("persist", JsonValue.of(true));
    }
    arguments
        .number(CONFIRM, 1, 3_600)
        .ifPresent(seconds -> params.put("confirm_seconds", JsonValue.of(seconds)));
    Optional<String> limit = arguments.value(CONFIRM);
    return new OneCall(
        "reload",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        (result, output) -> {
          int exitCode = DiffReport.show(result, true, output);
          limit.ifPresent(seconds ->
              output.line("taken back in " + seconds + " s unless you run: wg-agent confirm"));
          return exitCode;
        });
  }
}
