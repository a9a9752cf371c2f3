package cloud.runbeam.wgagent.client;

import java.util.Iterator;
import java.util.Map;

/**
 * Writes JSON. Everything below blank and everything that some terminals or line readers take for a
 * line end is escaped.
 */
final class JsonWriter {
  private JsonWriter() {}

  static void write(JsonValue value, StringBuilder out) {
    switch (value) {
      case JsonValue.JsonObject object -> {
        out.append('{');
        Iterator<Map.Entry<String, JsonValue>> members = object.members().entrySet().iterator();
        while (members.hasNext()) {
          Map.Entry<String, JsonValue> member = members.next();
          writeString(member.getKey(), out);
          out.append(':');
          write(member.getValue(), out);
          out.append(members.hasNext() ? "," : "");
        }
        out.append('}');
      }
      case JsonValue.JsonArray array -> {
        out.append('[');
        Iterator<JsonValue> elements = array.elements().iterator();
        while (elements.hasNext()) {
          write(elements.next(), out);
          out.append(elements.hasNext() ? "," : "");
        }
        out.append(']');
      }
      case JsonValue.JsonText text -> writeString(text.value(), out);
      case JsonValue.JsonNumber number -> out.append(number.literal());
      case JsonValue.JsonBool bool -> out.append(bool.value());
      case JsonValue.JsonNull _ -> out.append("null");
    }
  }

  static void writeIndented(JsonValue value, StringBuilder out, int level) {
    switch (value) {
      case JsonValue.JsonObject object when !object.members().isEmpty() -> {
        out.append('{');
        String separator = "";
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
          newLine(out.append(separator), level + 1);
          writeString(member.getKey(), out);
          out.append(": ");
          writeIndented(member.getValue(), out, level + 1);
          separator = ",";
        }
        newLine(out, level);
        out.append('}');
      }
      case JsonValue.JsonArray array when !array.elements().isEmpty() -> {
        out.append('[');
        String separator = "";
        for (JsonValue element : array.elements()) {
          newLine(out.append(separator), level + 1);
          writeIndented(element, out, level + 1);
          separator = ",";
        }
        newLine(out, level);
        out.append(']');
      }
      default -> write(value, out);
    }
  }

  private static void newLine(StringBuilder out, int level) {
    out.append('\n').repeat("  ", level);
  }

  private static void writeString(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next == '"' || next == '\\') {
        out.append('\\').append(next);
      } else if (next < ' ' || (next >= 0x7F && next < 0xA0) || next == 0x2028 || next == 0x2029) {
        out.append(String.format("\\u%04x", (int) next));
      } else {
        out.append(next);
      }
    }
    out.append('"');
  }
}
