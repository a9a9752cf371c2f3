package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;

/** {@code why}: which way packets to an address go, and where they are lost. */
final class WhyCommand implements Command {
  private static final Option NETWORK =
      Option.value("--network", "NETWORK", Kind.NETWORK, "as seen from this network");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "why",
        List.of(),
        "Say where packets to an address go or are lost.",
        List.of(new Operand("ADDRESS", Kind.TEXT, true, "an IP address")),
        List.of(NETWORK, CommandSyntax.JSON),
        List.of(
            new Example(
                "why 10.42.0.7", "the first broken link, and what to do; exit code 1 then")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    Map<String, JsonValue> params = OneCall.noParams();
    params.put("address", JsonValue.of(arguments.required(0)));
    arguments.value(NETWORK).ifPresent(name -> params.put("network", JsonValue.of(name)));
    return new OneCall(
        "why", params, OneCall.SLOW, arguments.has(CommandSyntax.JSON), WhyCommand::show);
  }

  private static int show(JsonObject result, CommandOutput output) {
    for (JsonObject link : result.objects("chain")) {
      String state = link.text("state").orElse("?");
      output.line(
          "  "
              + Shade.of(state).paint(pad(state, 8), output.colours())
              + pad(link.text("link").orElse("?").replace('_', ' '), 15)
              + TextTable.printable(link.text("fact").orElse("")));
      link.text("advice").ifPresent(advice -> output.line(advice(advice)));
    }
    result.text("summary").map(TextTable::printable).ifPresent(output::line);
    if (result.get("chain").isEmpty() && result.get("summary").isEmpty()) {
      Members.print(result, List.of(), output);
    }
    return result.text("outcome").filter("broken"::equals).isPresent() ? Action.FAILED : Action.OK;
  }

  private static String advice(String text) {
    return " ".repeat(25) + "-> " + TextTable.printable(text);
  }

  private static String pad(String text, int width) {
    String shown = TextTable.printable(text);
    return shown + " ".repeat(Math.max(1, width - shown.length()));
  }
}
