package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.List;
import java.util.Map;

/** {@code confirm}: lets a change stay that would be taken back, or takes it back now. */
final class ConfirmCommand implements Command {
  private static final Option UNDO = Option.flag("--undo", "take the change back now instead");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "confirm",
        List.of(),
        "Let the change stay that reload --confirm made.",
        List.of(),
        List.of(UNDO, CommandSyntax.JSON),
        List.of(
            new Example("confirm", "after apply --confirm 60"),
            new Example("confirm --undo", "do not wait for the time to be up")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    Map<String, JsonValue> params = OneCall.noParams();
    boolean undo = arguments.has(UNDO);
    params.put("roll_back", JsonValue.of(undo));
    return new OneCall(
        "confirm",
        params,
        OneCall.SLOW,
        arguments.has(CommandSyntax.JSON),
        (_, output) -> {
          output.line(undo ? "the change was taken back" : "the change stays");
          return Action.OK;
        });
  }
}
