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

/** {@code rotate-keys}: replaces a network's own key pair without interruption. */
final class RotateKeysCommand implements Command {
  private static final List<String> PHASES = List.of("begin", "commit", "abort", "now");
  private static final Option PHASE =
      Option.value(
          "--phase", "PHASE", Kind.TEXT, "one of " + String.join(", ", PHASES) + " (default: now)");

  private static final Option OVERLAP =
      Option.value(
          "--overlap",
          "SECONDS",
          Kind.TEXT,
          "how long both keys are answered for (the agent has limits and a default)");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "rotate-keys",
        List.of("rotate"),
        "Replace a network's key pair while sessions go on.",
        List.of(new Operand("NETWORK", Kind.NETWORK, true, "which")),
        List.of(PHASE, OVERLAP, CommandSyntax.JSON),
        List.of(
            new Example(
                "rotate-keys office --phase begin",
                "make the new key; give its public key to the peers' operators"),
            new Example("rotate-keys office --phase commit", "retire the old key"),
            new Example("rotate-keys office --phase abort", "go back to the old key")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    Map<String, JsonValue> params = OneCall.noParams();
    params.put("network", JsonValue.of(arguments.required(0)));
    Optional<String> phase = arguments.value(PHASE);
    if (phase.isPresent()) {
      if (!PHASES.contains(phase.get())) {
        throw new CommandUsageException(
            "unknown phase '" + phase.get() + "': use one of " + String.join(", ", PHASES));
      }
      params.put("phase", JsonValue.of(phase.get()));
    }
    arguments
        .number(OVERLAP, 1, Integer.MAX_VALUE)
        .ifPresent(seconds -> params.put("overlap_seconds", JsonValue.of(seconds)));
    return new OneCall(
        "rotate_keys",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        RotateKeysCommand::show);
  }

  private static int show(JsonObject result, CommandOutput output) {
    Members.print(
        result,
        List.of("network", "phase", "public_key", "previous_public_key", "overlap_until"),
        output);
    return Action.OK;
  }
}
