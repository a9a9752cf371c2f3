package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code logs}: the last lines of the agent's log, wherever the log itself goes. */
final class LogsCommand implements Command {
  private static final int MAX_LINES = 2_000;
  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

  private static final Option LINES =
      Option.value("--lines", "N", Kind.TEXT, "at most this many (default: 50)");
  private static final Option LEVEL =
      Option.value("--level", "LEVEL", Kind.TEXT, "at least: " + String.join(", ", LEVELS));

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "logs",
        List.of(),
        "Show the last lines of the agent's log.",
        List.of(),
        List.of(LINES, LEVEL, CommandSyntax.JSON),
        List.of(
            new Example("logs", "the last 50 lines"),
            new Example("logs --level warn --lines 10", "what went wrong lately")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    Map<String, JsonValue> params = OneCall.noParams();
    arguments
        .number(LINES, 1, MAX_LINES)
        .ifPresent(lines -> params.put("lines", JsonValue.of(lines)));
    Optional<String> level = arguments.value(LEVEL).map(text -> text.toLowerCase(Locale.ROOT));
    if (level.isPresent()) {
      if (!LEVELS.contains(level.get())) {
        throw new CommandUsageException(
            "unknown level '" + level.get() + "': use one of " + String.join(", ", LEVELS));
      }
      params.put("level", JsonValue.of(level.get()));
    }
    return new OneCall(
        "logs", params, OneCall.QUICK, arguments.has(CommandSyntax.JSON), LogsCommand::show);
  }

  private static int show(JsonObject result, CommandOutput output) {
    List<JsonObject> lines = result.objects("lines");
    for (JsonObject line : lines) {
      String level = line.text("level").orElse("?").toUpperCase(Locale.ROOT);
      Shade shade =
          switch (level) {
            case "ERROR" -> Shade.BAD;
            case "WARN" -> Shade.DOUBTFUL;
            default -> Shade.PLAIN;
          };
      String[] text = line.text("text").orElse("").split("\n", -1);
      output.line(
          line.text("at").orElse("?")
              + " "
              + shade.paint(String.format(Locale.ROOT, "%-5s", level), output.colours())
              + " "
              + TextTable.printable(text[0]));
      for (int i = 1; i < text.length; i++) {
        output.line("    " + TextTable.printable(text[i].replace("\t", "  ")));
      }
    }
    if (lines.isEmpty()) {
      output.line("no lines");
    }
    return Action.OK;
  }
}
