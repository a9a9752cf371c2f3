package cloud.runbeam.wgagent.app.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Writes TOML 1.0 (toml.io/en/v1.0.0). A document is a map whose values are
 *
 * <table>
 * <caption>Values</caption>
 * <tr><td>{@link String}</td><td>a basic string, everything escaped that could end it</td></tr>
 * <tr><td>{@link Long}, {@link Integer}</td><td>an integer</td></tr>
 * <tr><td>{@link Double}</td><td>a float</td></tr>
 * <tr><td>{@link Boolean}</td><td>a boolean</td></tr>
 * <tr><td>{@link Collection}</td><td>an array; of maps only: {@code [[tables]]}</td></tr>
 * <tr><td>{@link Map} with text keys</td><td>a table</td></tr>
 * </table>
 *
 * <p>in the order of its iteration, but plain values before tables, as TOML wants it. No text, not
 * even one made by an adversary, can become anything but the same text when it is read again; half
 * a surrogate pair, which TOML cannot hold, becomes U+FFFD. Any thread.
 */
public final class TomlWriter {
  private static final Pattern BARE_KEY = Pattern.compile("[A-Za-z0-9_-]+");

  private final StringBuilder text = new StringBuilder();

  private TomlWriter() {}

  /**
   * The document as text, ended by a line end.
   *
   * @throws IllegalArgumentException for a value of another type
   */
  public static String write(Map<String, ?> document) {
    TomlWriter writer = new TomlWriter();
    writer.table("", document);
    return writer.text.toString();
  }

  /** The document with {@code comment} before it, each of its lines behind a number sign. */
  public static String write(String comment, Map<String, ?> document) {
    List<String> lines = new ArrayList<>();
    comment.lines().map(line -> "# " + TomlSection.printable(line)).forEach(lines::add);
    return String.join("\n", lines) + "\n" + write(document);
  }

  private void table(String path, Map<?, ?> table) {
    for (Map.Entry<?, ?> entry : table.entrySet()) {
      if (!isTable(entry.getValue()) && !isTables(entry.getValue())) {
        text.append(key(entry.getKey())).append(" = ");
        value(entry.getValue());
        text.append('\n');
      }
    }
    for (Map.Entry<?, ?> entry : table.entrySet()) {
      String below = path.isEmpty() ? key(entry.getKey()) : path + "." + key(entry.getKey());
      if (entry.getValue() instanceof Map<?, ?> child) {
        header("[" + below + "]");
        table(below, child);
      } else if (isTables(entry.getValue())) {
        for (Object element : (Collection<?>) entry.getValue()) {
          header("[[" + below + "]]");
          table(below, (Map<?, ?>) element);
        }
      }
    }
  }

  private void header(String header) {
    if (!text.isEmpty()) {
      text.append('\n');
    }
    text.append(header).append('\n');
  }

  private void value(Object value) {
    switch (value) {
      case String string -> text.append(quoted(string));
      case Long number -> text.append(number.longValue());
      case Integer number -> text.append(number.intValue());
      case Double number -> text.append(floating(number));
      case Boolean truth -> text.append(truth.booleanValue());
      case Collection<?> array -> {
        text.append('[');
        String separator = "";
        for (Object element : array) {
          text.append(separator);
          value(element);
          separator = ", ";
        }
        text.append(']');
      }
      case Map<?, ?> table -> {
        text.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : table.entrySet()) {
          text.append(separator).append(key(entry.getKey())).append(" = ");
          value(entry.getValue());
          separator = ", ";
        }
        text.append('}');
      }
      default -> throw new IllegalArgumentException("TOML has no place for " + value.getClass());
    }
  }

  /** TOML floats have digits on both sides of the point, and other names for what is no number. */
  private static String floating(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    return Double.toString(number);
  }

  private static String key(Object key) {
    if (!(key instanceof String name)) {
      throw new IllegalArgumentException("a TOML key is a text, not " + key.getClass());
    }
    return BARE_KEY.matcher(name).matches() ? name : quoted(name);
  }

  /** A basic string: one line, whatever is in {@code string}. */
  private static String quoted(String string) {
    StringBuilder quoted = new StringBuilder(string.length() + 2).append('"');
    for (int i = 0; i < string.length(); ) {
      int point = string.codePointAt(i);
      i += Character.charCount(point);
      switch (point) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
            quoted.append('\uFFFD');
          } else if (Character.isISOControl(point) || isInvisible(point)) {
            quoted.append(String.format(point > 0xFFFF ? "\\U%08X" : "\\u%04X", point));
          } else {
            quoted.appendCodePoint(point);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  /** What could make the file look other than it is: bidirectional marks, line separators. */
  private static boolean isInvisible(int point) {
    int type = Character.getType(point);
    return type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  private static boolean isTable(Object value) {
    return value instanceof Map<?, ?>;
  }

  private static boolean isTables(Object value) {
    return value instanceof Collection<?> array
        && !array.isEmpty()
        && array.stream().allMatch(TomlWriter::isTable);
  }
}
