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
  /** Where the facts begin. */
  private static final int FACTS = 27;

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
      String fact =
          folded(
              link.text("fact").orElse("") + link.text("advice").map(" -> "::concat).orElse(""),
              output.columns() - FACTS,
              FACTS);
      output.line(
          "  "
              + Shade.of(state).paint(padded(state, FACTS - 18), output.colours())
              + padded(link.text("link").orElse("?").replace('_', ' '), 16)
              + fact);
    }
    result.text("summary").ifPresent(summary -> output.line(folded(summary, output.columns(), 0)));
    if (result.get("chain").isEmpty() && result.get("summary").isEmpty()) {
      Members.print(result, List.of(), output);
    }
    return result.text("outcome").filter("broken"::equals).isPresent() ? Action.FAILED : Action.OK;
  }

  private static String padded(String text, int width) {
    String shown = TextTable.printable(text);
    return shown + " ".repeat(Math.max(1, width - shown.length()));
  }

  /** Lines of at most {@code width} characters, all but the first behind {@code indent} blanks. */
  private static String folded(String text, int width, int indent) {
    StringBuilder lines = new StringBuilder();
    int used = 0;
    for (String word : TextTable.printable(text).split(" ", -1)) {
      if (used > 0 && used + 1 + word.length() > width) {
        lines.append('\n').repeat(' ', indent);
        used = 0;
      }
      lines.append(used == 0 ? "" : " ").append(word);
      used += (used == 0 ? 0 : 1) + word.length();
    }
    return lines.toString();
  }
}
