package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonArray;
import cloud.runbeam.wgagent.client.JsonValue.JsonNull;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import cloud.runbeam.wgagent.client.JsonValue.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Shows an object whose members are best read one a line. */
final class Members {
  private Members() {}

  /**
   * Prints members with their names in words.
   *
   * @param first these come first, in this order, where they are present
   */
  static void print(JsonObject object, List<String> first, CommandOutput output) {
    Map<String, JsonValue> ordered = new LinkedHashMap<>();
    for (String name : first) {
      object.get(name).ifPresent(value -> ordered.put(name, value));
    }
    object.members().forEach(ordered::putIfAbsent);
    ordered.values().removeIf(JsonNull.class::isInstance);
    int width = ordered.keySet().stream().mapToInt(String::length).max().orElse(0);
    ordered.forEach((name, value) -> {
      String label = TextTable.printable(name.replace('_', ' '));
      if (value instanceof JsonArray list
          && list.elements().stream().anyMatch(JsonObject.class::isInstance)) {
        list.elements().forEach(element -> output.line(label + pad(label, width) + text(element)));
      } else {
        output.line(label + pad(label, width) + text(value));
      }
    });
  }

  private static String pad(String label, int width) {
    return " ".repeat(Math.max(0, width - label.length()) + 2);
  }

  /** A value on one line. */
  static String text(JsonValue value) {
    return switch (value) {
      case JsonText text -> TextTable.printable(text.value());
      case JsonArray list ->
          list.elements().stream().map(Members::text).collect(Collectors.joining(" "));
      case JsonObject object ->
          object.members().entrySet().stream()
              .filter(member -> !(member.getValue() instanceof JsonNull))
              .map(member -> TextTable.printable(member.getKey()) + "=" + text(member.getValue()))
              .collect(Collectors.joining(" "));
      default -> value.toJson();
    };
  }
}
