package cloud.runbeam.wgagent.app.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * One TOML table while it is read. Every accessor remembers its key as known, reports a value of
 * another type, and answers empty then; once all keys are read, {@link #rejectUnknownKeys} reports
 * the rest.
 */
final class TomlSection {
  private final TomlTable table;
  private final String path;
  private final Position position;
  private final Findings findings;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * A section.
   *
   * @param path full path of the table, empty for the document
   * @param position where the table begins
   */
  TomlSection(TomlTable table, String path, Position position, Findings findings) {
    this.table = table;
    this.path = path;
    this.position = position;
    this.findings = findings;
  }

  Position position() {
    return position;
  }

  String path() {
    return path;
  }

  Set<String> keys() {
    return table.keySet();
  }

  /** Full path of {@code key} in this table. */
  String pathOf(String key) {
    String shown = printable(key);
    return path.isEmpty() ? shown : path + "." + shown;
  }

  /** Where {@code key} stands, or the table itself where it does not. */
  Position positionOf(String key) {
    TomlPosition at = table.inputPositionOf(List.of(key));
    return at == null ? position : new Position(at.line(), at.column());
  }

  boolean has(String key) {
    return table.get(List.of(key)) != null;
  }

  /** Reports a problem with the value of {@code key}. */
  void problem(String key, ProblemReason reason, String what, String advice) {
    findings.problem(positionOf(key), pathOf(key), reason, what, advice);
  }

  /** Reports a problem with a key anywhere in the file that was read already. */
  void problemAt(
      String path, Position otherwise, ProblemReason reason, String what, String advice) {
    findings.problem(findings.positionOf(path, otherwise), path, reason, what, advice);
  }

  /** Reports a problem at an array element or another place. */
  void problem(Located<?> at, ProblemReason reason, String what, String advice) {
    findings.problem(at.position(), at.key(), reason, what, advice);
  }

  void notice(String key, String text) {
    findings.notice(positionOf(key), pathOf(key), text);
  }

  /** The value whatever its type; the key counts as known. */
  @Nullable Object raw(String key) {
    known.add(key);
    if (has(key)) {
      findings.place(pathOf(key), positionOf(key));
    }
    return table.get(List.of(key));
  }

  Optional<Located<String>> string(String key) {
    return typed(key, String.class, "a text in quotes");
  }

  Optional<Located<Boolean>> bool(String key) {
    return typed(key, Boolean.class, "true or false");
  }

  /** A number from {@code min} to {@code max}. */
  Optional<Located<Long>> integer(String key, long min, long max) {
    return typed(key, Long.class, "a whole number")
        .filter(number -> {
          if (number.value() < min || number.value() > max) {
            problem(
                key,
                ProblemReason.OUT_OF_RANGE,
                number.value() + " is out of range",
                "use a number from " + min + " to " + max);
            return false;
          }
          return true;
        });
  }

  /**
   * The texts of an array, or the only one where a text stands instead of an array; empty where
   * there is nothing.
   */
  List<Located<String>> strings(String key) {
    Object value = raw(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof String text) {
      return List.of(new Located<>(text, pathOf(key), positionOf(key)));
    }
    if (!(value instanceof TomlArray array)) {
      wrongType(key, "an array of texts");
      return List.of();
    }
    List<Located<String>> texts = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      Position at = positionOf(array, i);
      String element = pathOf(key) + "[" + i + "]";
      if (array.get(i) instanceof String text) {
        texts.add(new Located<>(text, element, at));
      } else {
        findings.problem(
            at,
            element,
            ProblemReason.WRONG_TYPE,
            "is " + typeName(array.get(i)),
            "write a text in quotes");
      }
    }
    return texts;
  }

  /** The table under {@code key}. */
  Optional<TomlSection> table(String key) {
    return typed(key, TomlTable.class, "a table")
        .map(found -> new TomlSection(found.value(), found.key(), found.position(), findings));
  }

  /** The tables of {@code [[…key]]}. */
  List<TomlSection> tables(String key) {
    Object value = raw(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof TomlArray array)) {
      wrongType(key, "an array of tables, written [[" + pathOf(key) + "]]");
      return List.of();
    }
    List<TomlSection> sections = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      String element = pathOf(key) + "[" + i + "]";
      Position at = positionOf(array, i);
      if (array.get(i) instanceof TomlTable table) {
        sections.add(new TomlSection(table, element, at, findings));
      } else {
        findings.problem(
            at,
            element,
            ProblemReason.WRONG_TYPE,
            "is " + typeName(array.get(i)),
            "write a table under [[" + pathOf(key) + "]]");
      }
    }
    return sections;
  }

  /** Whether {@code key} holds an array; the key does not become known by asking. */
  boolean isArray(String key) {
    return table.get(List.of(key)) instanceof TomlArray;
  }

  /** Reports every key that no accessor asked for. Call last. */
  void rejectUnknownKeys() {
    for (String key : table.keySet()) {
      if (known.contains(key)) {
        continue;
      }
      String advice =
          KeySuggestion.nearest(key, known)
              .map(near -> "did you mean \"" + near + "\"?")
              .orElseGet(() -> "remove it; known here: " + String.join(", ", known));
      problem(key, ProblemReason.UNKNOWN_KEY, "unknown key", advice);
    }
  }

  private <T> Optional<Located<T>> typed(String key, Class<T> type, String wanted) {
    Object value = raw(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      wrongType(key, wanted);
      return Optional.empty();
    }
    return Optional.of(new Located<>(type.cast(value), pathOf(key), positionOf(key)));
  }

  private void wrongType(String key, String wanted) {
    problem(
        key,
        ProblemReason.WRONG_TYPE,
        "is " + typeName(table.get(List.of(key))),
        "write " + wanted);
  }

  private Position positionOf(TomlArray array, int index) {
    TomlPosition at = array.inputPositionOf(index);
    return new Position(at.line(), at.column());
  }

  private static String typeName(@Nullable Object value) {
    return switch (value) {
      case String _ -> "a text";
      case Long _ -> "a whole number";
      case Double _ -> "a number with a fraction";
      case Boolean _ -> "true or false";
      case TomlArray _ -> "an array";
      case TomlTable _ -> "a table";
      case null, default -> "a date or time";
    };
  }

  /**
   * Text from the file as it may stand in a message: control characters replaced, at most 80
   * characters.
   */
  static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(80)
        .forEach(point ->
            shown.appendCodePoint(
                Character.isISOControl(point)
                        || Character.getType(point) == Character.FORMAT
                        || Character.getType(point) == Character.LINE_SEPARATOR
                        || Character.getType(point) == Character.PARAGRAPH_SEPARATOR
                    ? '\uFFFD'
                    : point));
    return text.codePointCount(0, text.length()) > 80
        ? shown.append("…").toString()
        : shown.toString();
  }
}
