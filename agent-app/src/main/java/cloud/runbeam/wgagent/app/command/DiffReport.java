package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonArray;
import cloud.runbeam.wgagent.client.JsonValue.JsonBool;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The answer to {@code reload} and {@code plan}: what changed, network by network. Members that
 * this class does not know are shown too, by their name.
 */
final class DiffReport {
  /** Said in the heading. */
  private static final Set<String> HEADING =
      Set.of(
          "network",
          "action",
          "state",
          "restarted",
          "reloaded",
          "confirm_seconds",
          "confirm_until");

  private static final Map<String, String> SIGNS =
      Map.of("added", "+", "removed", "-", "updated", "~");

  private DiffReport() {}

  /** Prints the difference; {@code done} says whether it was applied or would be. */
  static int show(JsonObject result, boolean done, CommandOutput output) {
    List<JsonObject> networks = networks(result);
    if (networks.isEmpty()) {
      output.line(done ? "nothing has changed" : "nothing would change");
    }
    for (JsonObject network : networks) {
      network(network, done, output);
    }
    return Command.Action.OK;
  }

  private static List<JsonObject> networks(JsonObject result) {
    return Stream.of("networks", "changes", "diffs")
        .filter(name -> result.members().get(name) instanceof JsonArray)
        .findFirst()
        .map(result::objects)
        .orElse(List.of(result));
  }

  private static void network(JsonObject network, boolean done, CommandOutput output) {
    String action = network.text("action").orElse("").replace("none", "unchanged");
    boolean restarts = network.bool("restarted").orElse(false);
    String name = TextTable.printable(network.text("network").orElse("?"));
    StringBuilder details = new StringBuilder();
    network
        .members()
        .forEach((key, value) -> {
          if (value instanceof JsonObject parts) {
            parts
                .members()
                .forEach((verb, part) -> detail(key + "_" + verb, part, output, details));
          } else if (!HEADING.contains(key)) {
            detail(key, value, output, details);
          }
        });
    String heading = action.isEmpty() ? (details.isEmpty() ? "unchanged" : "update") : action;
    output.line(
        name
            + ": "
            + heading
            + (restarts
                ? (done ? ", was restarted" : ", has to be restarted: its traffic is interrupted")
                : ""));
    output.text(details.toString());
  }

  private static void detail(
      String key, JsonValue value, CommandOutput output, StringBuilder details) {
    int underscore = key.lastIndexOf('_');
    String verb = underscore < 0 ? "" : key.substring(underscore + 1);
    String sign = SIGNS.get(verb);
    if (sign != null && value instanceof JsonArray list) {
      String what = singular(key.substring(0, underscore));
      for (JsonValue element : list.elements()) {
        String line = sign + " " + what + " " + Members.text(element);
        details.append("  ").append(Shade.of(verb).paint(line, output.colours())).append('\n');
      }
    } else if (value instanceof JsonArray list) {
      for (JsonValue element : list.elements()) {
        details.append("  ~ ").append(Members.text(element).replace('_', ' ')).append('\n');
      }
    } else if (!(value instanceof JsonValue.JsonNull) && !value.equals(new JsonBool(false))) {
      details
          .append("  ")
          .append(TextTable.printable(key.replace('_', ' ')))
          .append(": ")
          .append(Members.text(value))
          .append('\n');
    }
  }

  private static String singular(String noun) {
    return switch (noun) {
      case "peers" -> "peer";
      case "addresses" -> "address";
      case "routes" -> "route";
      default -> TextTable.printable(noun.replace('_', ' '));
    };
  }
}
