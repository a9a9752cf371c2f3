package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;

/** {@code confirm}: keeps what {@code apply} changed, or takes it back at once. */
final class ConfirmCommand implements Command {
  private static final Option ROLL_BACK =
      Option.flag("--roll-back", "take the change back now instead of waiting");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "confirm",
        List.of(),
        "Keep what apply changed, or take it back at once.",
        List.of(),
        List.of(ROLL_BACK, CommandSyntax.JSON),
        List.of(
            new Example("confirm", "the change stays"),
            new Example("confirm --roll-back", "everything is as before")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    boolean rollBack = arguments.has(ROLL_BACK);
    Map<String, JsonValue> params = OneCall.noParams();
    if (rollBack) {
      params.put("roll_back", JsonValue.of(true));
    }
    return new OneCall(
        "confirm",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        (_, output) -> {
          output.line(rollBack ? "taken back" : "confirmed");
          return Action.OK;
        });
  }
}
