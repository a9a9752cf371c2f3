package cloud.runbeam.wgagent.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one JSON value by recursive descent; RFC 8259, section numbers beside the methods. */
final class JsonReader {
  private static final int MAX_DEPTH = 32;

  /** RFC 8259 section 6. */
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*+)(\\.[0-9]++)?([eE][+-]?[0-9]++)?");

  private final String text;
  private int position;

  JsonReader(String text) {
    this.text = text;
  }

  /** The whole text as one value (section 2). */
  JsonValue read() throws JsonSyntaxException {
    JsonValue value = value(0);
    skipBlanks();
    if (position != text.length()) {
      throw expected("the end");
    }
    return value;
  }

  private JsonValue value(int depth) throws JsonSyntaxException {
    if (depth > MAX_DEPTH) {
      throw expected("no more than " + MAX_DEPTH + " levels");
    }
    skipBlanks();
    if (position == text.length()) {
      throw expected("a value");
    }
    return switch (text.charAt(position)) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> new JsonValue.JsonText(string());
      case 't' -> word("true", new JsonValue.JsonBool(true));
      case 'f' -> word("false", new JsonValue.JsonBool(false));
      case 'n' -> word("null", new JsonValue.JsonNull());
      default -> number();
    };
  }

  /** Section 4. A member that comes twice counts as it comes last. */
  private JsonValue object(int depth) throws JsonSyntaxException {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    position++;
    if (takes('}')) {
      return new JsonValue.JsonObject(members);
    }
    do {
      skipBlanks();
      if (position == text.length() || text.charAt(position) != '"') {
        throw expected("a member's name");
      }
      String name = string();
      if (!takes(':')) {
        throw expected("\":\"");
      }
      members.put(name, value(depth + 1));
    } while (takes(','));
    if (!takes('}')) {
      throw expected("\",\" or \"}\"");
    }
    return new JsonValue.JsonObject(members);
  }

  /** Section 5. */
  private JsonValue array(int depth) throws JsonSyntaxException {
    List<JsonValue> elements = new ArrayList<>();
    position++;
    if (takes(']')) {
      return new JsonValue.JsonArray(elements);
    }
    do {
      elements.add(value(depth + 1));
    } while (takes(','));
    if (!takes(']')) {
      throw expected("\",\" or \"]\"");
    }
    return new JsonValue.JsonArray(elements);
  }

  private JsonValue number() throws JsonSyntaxException {
    Matcher matcher = NUMBER.matcher(text).region(position, text.length());
    if (!matcher.lookingAt()) {
      throw expected("a value");
    }
    position = matcher.end();
    return new JsonValue.JsonNumber(matcher.group());
  }

  private JsonValue word(String word, JsonValue meaning) throws JsonSyntaxException {
    if (!text.startsWith(word, position)) {
      throw expected(word);
    }
    position += word.length();
    return meaning;
  }

  /** Section 7. */
  private String string() throws JsonSyntaxException {
    StringBuilder value = new StringBuilder();
    position++;
    while (position < text.length()) {
      char next = text.charAt(position++);
      if (next == '"') {
        return value.toString();
      }
      if (next < ' ') {
        position--;
        throw expected("no control character in a string");
      }
      value.append(next == '\\' ? escape() : next);
    }
    throw expected("the end of the string");
  }

  private char escape() throws JsonSyntaxException {
    if (position == text.length()) {
      throw expected("an escape");
    }
    return switch (text.charAt(position++)) {
      case '"' -> '"';
      case '\\' -> '\\';
      case '/' -> '/';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw expected("an escape");
    };
  }

  private char unicode() throws JsonSyntaxException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = position < text.length() ? Character.digit(text.charAt(position), 16) : -1;
      if (digit < 0 || text.charAt(position) > 'f') {
        throw expected("four hexadecimal digits");
      }
      position++;
      code = code << 4 | digit;
    }
    return (char) code;
  }

  private boolean takes(char wanted) {
    skipBlanks();
    if (position < text.length() && text.charAt(position) == wanted) {
      position++;
      return true;
    }
    return false;
  }

  private void skipBlanks() {
    while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  private JsonSyntaxException expected(String what) {
    return new JsonSyntaxException(what, position);
  }
}
