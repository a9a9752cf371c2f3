package cloud.runbeam.wgagent.app.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns JSON members into keys of the configuration file, and remembers which became which:
 *
 * <pre>
 *   {"privateKeyPath": "/k", "peers": [{"keepaliveSecs": 25}]}
 *   network.NAME.private_key_path                         config.privateKeyPath
 *   network.NAME.peers[0].persistent_keepalive_secs       config.peers[0].keepaliveSecs
 * </pre>
 *
 * <p>camelCase and snake_case mean the same; null means absent. One thread.
 */
final class JsonTwin {
  private static final Pattern CAPITAL = Pattern.compile("(?<=[a-z0-9])([A-Z])");

  /** A place that the file's parser names beside the one a problem is at. */
  private static final Pattern PLACE = Pattern.compile("((?:network|peer)\\S*) \\(line \\d+\\)");

  /** What the Rust agent calls some keys. */
  private static final Map<String, String> ALIASES =
      Map.of("keepalive_secs", "persistent_keepalive_secs");

  private final Findings findings;
  private final Map<String, String> jsonPaths = new HashMap<>();
  private final Map<String, Runnable> removals = new HashMap<>();

  JsonTwin(Findings findings) {
    this.findings = findings;
  }

  /** The members of {@code object} as a table that will stand at {@code tomlPath}. */
  Map<String, Object> table(ObjectNode object, String tomlPath, String jsonPath) {
    jsonPaths.put(tomlPath, jsonPath);
    Map<String, Object> table = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      String key = key(member.getKey());
      String path = tomlPath + "." + TomlSection.printable(key);
      String writtenAs =
          (jsonPath.isEmpty() ? "" : jsonPath + ".") + TomlSection.printable(member.getKey());
      Object value = value(member.getValue(), path, writtenAs);
      if (value == null) {
        continue;
      }
      if (table.put(key, value) != null) {
        findings.problem(
            Position.WHOLE_FILE,
            writtenAs,
            ProblemReason.CONFLICTING_KEYS,
            "stands here twice, in two spellings",
            "keep one of the two");
      }
      jsonPaths.put(path, writtenAs);
      String name = member.getKey();
      removals.merge(path, () -> object.remove(name), JsonTwin::both);
    }
    return table;
  }

  /** Takes the member that became the key at {@code tomlPath} out of its object. */
  void remove(String tomlPath) {
    removals.getOrDefault(tomlPath, () -> {}).run();
  }

  private static Runnable both(Runnable first, Runnable second) {
    return () -> {
      first.run();
      second.run();
    };
  }

  /** {@code problem} in terms of the JSON. */
  Problem translated(Problem problem) {
    return new Problem(
        problem.file(),
        Position.WHOLE_FILE,
        jsonPath(problem.key()),
        problem.reason(),
        words(problem.what()),
        words(problem.advice()));
  }

  /** {@code notice} in terms of the JSON. */
  Notice translated(Notice notice) {
    return new Notice(
        notice.file(), Position.WHOLE_FILE, jsonPath(notice.key()), words(notice.text()));
  }

  private String words(String text) {
    return PLACE
        .matcher(text)
        .replaceAll(place -> Matcher.quoteReplacement(jsonPath(place.group(1))));
  }

  /** The path of a key that does not stand in the JSON is made from the nearest that does. */
  private String jsonPath(String tomlPath) {
    for (int end = tomlPath.length(); end > 0; end = cut(tomlPath, end)) {
      String known = jsonPaths.get(tomlPath.substring(0, end));
      if (known != null) {
        String rest = tomlPath.substring(end);
        return known.isEmpty() && rest.startsWith(".") ? rest.substring(1) : known + rest;
      }
    }
    return tomlPath;
  }

  private static int cut(String path, int end) {
    return Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1));
  }

  private @Nullable Object value(JsonNode node, String path, String jsonPath) {
    return switch (node) {
      case ObjectNode object -> table(object, path, jsonPath);
      case ArrayNode array -> {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
          String index = "[" + i + "]";
          Object value = value(array.get(i), path + index, jsonPath + index);
          jsonPaths.put(path + index, jsonPath + index);
          values.add(value == null ? Map.of() : value); // null among values is of no type
        }
        yield values;
      }
      default -> plain(node);
    };
  }

  private static @Nullable Object plain(JsonNode node) {
    if (node.isNull()) {
      return null;
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isNumber()) {
      // What no long holds is as wrong as a fraction, and reported as one.
      return node.canConvertToExactIntegral() && node.canConvertToLong()
          ? (Object) node.longValue()
          : (Object) node.doubleValue();
    }
    return node.stringValue();
  }

  /** The key of the file that {@code member} means. */
  static String key(String member) {
    String snake = CAPITAL.matcher(member).replaceAll("_$1").toLowerCase(Locale.ROOT);
    return ALIASES.getOrDefault(snake, snake);
  }
}
