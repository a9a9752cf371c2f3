package cloud.runbeam.wgagent.platform.linux.dns;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What takes a change back, as one line: {@code resolved interface=wg0 index=7}. Words hold nothing
 * but printable ASCII other than space and {@code =}.
 *
 * @param method name of the {@link DnsMethod}
 * @param words by key
 */
record UndoText(String method, Map<String, String> words) {
  private static final Pattern METHOD = Pattern.compile("[a-z]{1,32}");
  private static final Pattern KEY = Pattern.compile("[a-z]{1,32}");
  private static final Pattern VALUE = Pattern.compile("[\\x21-\\x7E]{0,200}");
  static final String INTERFACE = "interface";

  /** Copies the map, whose order is kept. */
  UndoText {
    words = new LinkedHashMap<>(words);
  }

  /** Without words beyond the interface. */
  static UndoText of(String method, String interfaceName) {
    return new UndoText(method, Map.of()).with(INTERFACE, interfaceName);
  }

  UndoText with(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(words);
    more.put(key, value);
    return new UndoText(method, more);
  }

  /** The word under that key, empty if there is none. */
  String get(String key) {
    return words.getOrDefault(key, "");
  }

  String interfaceName() {
    return get(INTERFACE);
  }

  /**
   * Reads a line that {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if it is none
   */
  static UndoText parse(String line) {
    String[] parts = line.split(" ", -1);
    if (!METHOD.matcher(parts[0]).matches()) {
      throw new IllegalArgumentException("no method");
    }
    Map<String, String> words = new LinkedHashMap<>();
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      int equals = part.indexOf('=');
      if (equals < 0
          || !KEY.matcher(part.substring(0, equals)).matches()
          || !VALUE.matcher(part.substring(equals + 1)).matches()) {
        throw new IllegalArgumentException("a word is not KEY=VALUE");
      }
      words.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return new UndoText(parts[0], words);
  }

  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(method);
    words.forEach((key, value) -> line.append(' ').append(key).append('=').append(value));
    return line.toString();
  }
}
