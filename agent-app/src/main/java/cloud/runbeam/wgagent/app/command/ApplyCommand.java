package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code apply}: as {@code reload}, taken back unless somebody confirms that it was right. */
final class ApplyCommand implements Command {
  /** The agent's own limit. */
  private static final long MAX_SECONDS = 3_600;

  private static final Option CONFIRM =
      Option.value(
          "--confirm",
          "SECONDS",
          Kind.TEXT,
          "take the change back unless \"wg-agent confirm\" comes within 1 to 3600 seconds");
  private static final Option CONFIG =
      Option.value(
          "--config", "FILE", Kind.FILE, "take one network from this TOML file instead");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "apply",
        List.of(),
        "Reload, and go back unless somebody confirms in time.",
        List.of(
            new Operand(
                "NETWORK", Kind.NETWORK, false, "with --config: which network of the file")),
        List.of(CONFIRM, CONFIG, CommandSyntax.JSON),
        List.of(
            new Example(
                "apply --confirm 60",
                "for a machine that is reached through the tunnel that changes; then: confirm")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    long seconds =
        arguments
            .number(CONFIRM, 1, MAX_SECONDS)
            .orElseThrow(() ->
                new CommandUsageException(
                    "--confirm SECONDS is missing; without confirmation, use reload"));
    Map<String, JsonValue> params = OneCall.noParams();
    Optional<String> file = arguments.value(CONFIG);
    if (file.isPresent()) {
      ConfigParameter.of(file.get(), arguments.operand(0)).put(params);
    } else if (arguments.operand(0).isPresent()) {
      throw new CommandUsageException("NETWORK goes with --config");
    }
    params.put("confirm_seconds", JsonValue.of(seconds));
    return new OneCall(
        "reload",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        (result, output) -> {
          int exitCode = DiffReport.show(result, true, output);
          output.line("taken back in " + seconds + " s unless you run: wg-agent confirm");
          return exitCode;
        });
  }
}
