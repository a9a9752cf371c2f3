package cloud.runbeam.wgagent.app.docs;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.Problem;
import cloud.runbeam.wgagent.app.config.ProblemReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds the loader of the configuration, {@code config/schema/wg-agent.schema.json} and {@code
 * docs/configuration.md} together.
 */
class ConfigurationPageTest {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String NOBODY = "zzqqzzqq";
  private static final String KNOWN_HERE = "remove it; known here: ";

  /** Tables of the file, and the definition of each in the schema. */
  private static final Map<String, String> TABLES = tables();

  private final JsonNode schema = read();

  @TempDir private Path directory;

  private static Map<String, String> tables() {
    Map<String, String> tables = new LinkedHashMap<>();
    tables.put("[agent]", "agent");
    tables.put("[agent.control]", "control");
    tables.put("[agent.http]", "http");
    tables.put("[agent.log]", "log");
    tables.put("[agent.metrics]", "metrics");
    tables.put("[agent.tracing]", "tracing");
    tables.put("[network.NAME]", "network");
    tables.put("[[network.NAME.peers]]", "peer");
    return tables;
  }

  private static JsonNode read() {
    try {
      return JSON.readTree(
          Files.readString(REPOSITORY.resolve("config/schema/wg-agent.schema.json")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode definition(String name) {
    JsonNode definition = schema.path("$defs").path(name);
    assertThat(definition.isObject()).as(name).isTrue();
    return definition;
  }

  /** A key that nobody knows makes the loader list those it knows. */
  @Test
  void loaderAndSchemaKnowTheSameKeys() throws IOException {
    StringBuilder text = new StringBuilder(NOBODY + " = 1\n");
    TABLES.keySet().forEach(header -> text.append(header).append('\n').append(NOBODY + " = 1\n"));
    Path file = directory.resolve("unknown.toml");
    Files.writeString(file, text);
    ConfigResult result = new ConfigLoader(Map.of()).load(file);
    List<Problem> unknown =
        ((ConfigResult.Rejected) result)
            .problems().stream()
                .filter(problem -> problem.reason() == ProblemReason.UNKNOWN_KEY)
                .toList();

    List<Set<String>> known =
        unknown.stream()
            .map(Problem::advice)
            .map(advice ->
                (Set<String>)
                    new TreeSet<>(List.of(advice.substring(KNOWN_HERE.length()).split(", "))))
            .toList();
    List<Set<String>> inSchema = new ArrayList<>();
    inSchema.add(new TreeSet<>(schema.path("properties").propertyNames()));
    TABLES
        .values()
        .forEach(name ->
            inSchema.add(new TreeSet<>(definition(name).path("properties").propertyNames())));

    assertThat(unknown).allMatch(problem -> problem.advice().startsWith(KNOWN_HERE));
    assertThat(known).isEqualTo(inSchema);
  }

  @Test
  void everyKeyIsDescribedAndClosed() {
    for (String name : TABLES.values()) {
      JsonNode definition = definition(name);
      assertThat(definition.path("additionalProperties").booleanValue(true)).as(name).isFalse();
      for (Map.Entry<String, JsonNode> key : definition.path("properties").properties()) {
        assertThat(key.getValue().has("$ref") || key.getValue().has("description"))
            .as(name + "." + key.getKey())
            .isTrue();
      }
    }
  }

  @Test
  void theAnnotatedExampleIsValidWithAndWithoutItsDefaults() throws IOException {
    String example = Files.readString(REPOSITORY.resolve("config/wg-agent.example.toml"));
    // Three places for one key exclude each other.
    String uncommented =
        Pattern.compile("(?m)^#([a-z_]+ = )")
            .matcher(example)
            .replaceAll("$1")
            .replaceAll("(?m)^(private|preshared)_key_(env|credential) = .*$", "");

    assertThat(faults(example)).isEmpty();
    assertThat(faults(uncommented)).isEmpty();
    // Every key that the schema has stands in the example.
    for (Map.Entry<String, String> table : TABLES.entrySet()) {
      for (Map.Entry<String, JsonNode> key :
          definition(table.getValue()).path("properties").properties()) {
        boolean isValue =
            !key.getValue().has("$ref") && !Set.of("peers", "http").contains(key.getKey());
        assertThat(!isValue || example.contains(key.getKey() + " = "))
            .as("%s %s stands in the example", table.getKey(), key.getKey())
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mtu = 100", "mtu = \"huge\"", "listen_port = 70000", "routes = \"maybe\"", "table = 0",
        "fwmark = \"x\"", "nonsense = 1", "private_key_env = \"K\"", "interface = \"a b\"",
            "dns = 5"
      })
  void whatTheLoaderRefusesTheSchemaRefusesToo(String line) throws IOException {
    String key = line.substring(0, line.indexOf(' '));
    String text =
        "[network.a]\ninterface = \"wg0\"\nprivate_key_path = \"/k\"\n"
                .replaceAll("(?m)^" + key + " = .*\n", "")
            + line
            + "\n";
    Path file = directory.resolve("refused.toml");
    Files.writeString(file, text);

    assertThat(faults(text)).as(text).isNotEmpty();
    assertThat(((ConfigResult.Rejected) new ConfigLoader(Map.of()).load(file)).problems())
        .anyMatch(problem -> problem.reason() != ProblemReason.KEY_MISSING);
  }

  @Test
  void thePageHasATableForEachTableOfTheFile() throws IOException {
    String page = Files.readString(REPOSITORY.resolve("docs/configuration.md"));
    for (Map.Entry<String, String> table : TABLES.entrySet()) {
      JsonNode definition = definition(table.getValue());
      assertThat(page)
          .contains(
              "## `"
                  + table.getKey()
                  + "`\n\n"
                  + definition.path("description").stringValue()
                  + "\n\n"
                  + rows(definition)
                  + "\n");
    }
  }

  private static String rows(JsonNode definition) {
    Set<String> required =
        StreamSupport.stream(definition.path("required").spliterator(), false)
            .map(JsonNode::stringValue)
            .collect(Collectors.toSet());
    StringBuilder rows =
        new StringBuilder("| key | value | default | meaning |\n| --- | --- | --- | --- |");
    for (Map.Entry<String, JsonNode> key : definition.path("properties").properties()) {
      JsonNode property = key.getValue();
      if (property.has("$ref")) {
        continue;
      }
      String otherwise =
          property.has("default")
              ? "`" + property.get("default").toString().replace(",", ", ") + "`"
              : "";
      rows.append("\n| `")
          .append(key.getKey())
          .append("` | ")
          .append(value(property))
          .append(" | ")
          .append(required.contains(key.getKey()) ? "required" : otherwise)
          .append(" | ")
          .append(property.path("description").stringValue())
          .append(" |");
    }
    return rows.toString();
  }

  /** What may be written, in words. */
  private static String value(JsonNode property) {
    if (property.has("const")) {
      return property.get("const").toString();
    }
    if (property.has("enum")) {
      return StreamSupport.stream(property.get("enum").spliterator(), false)
          .map(JsonNode::toString)
          .collect(Collectors.joining(", "));
    }
    if (property.has("oneOf")) {
      List<String> ways =
          StreamSupport.stream(property.get("oneOf").spliterator(), false)
              .map(ConfigurationPageTest::value)
              .toList();
      return String.join(", ", ways.subList(0, ways.size() - 1)) + " or " + ways.getLast();
    }
    return switch (property.path("type").stringValue()) {
      case "integer" -> property.path("minimum") + " to " + property.path("maximum");
      case "array" ->
          property.path("items").path("type").stringValue("").equals("string")
              ? "array of texts"
              : "tables";
      case "boolean" -> "true or false";
      case "object" -> "table";
      default -> "text";
    };
  }

  private List<String> faults(String toml) {
    TomlParseResult document = Toml.parse(toml);
    assertThat(document.errors()).as(toml).isEmpty();
    return new Validator(schema).faults(JSON.readTree(document.toJson()));
  }

  /** The part of JSON Schema 2020-12 that this schema uses; what it does not know fails. */
  private record Validator(JsonNode document) {
    private static final Set<String> SILENT =
        Set.of("$schema", "$id", "$defs", "title", "description", "default", "examples");

    List<String> faults(JsonNode value) {
      List<String> faults = new ArrayList<>();
      check(document, value, "", faults);
      return faults;
    }

    private void check(JsonNode schema, JsonNode value, String at, List<String> faults) {
      for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
        JsonNode wanted = keyword.getValue();
        boolean right =
            switch (keyword.getKey()) {
              case String silent when SILENT.contains(silent) -> true;
              case "type" -> isOfType(wanted.stringValue(), value);
              case "const" -> value.equals(wanted);
              case "enum" -> contains(wanted, value);
              case "pattern" ->
                  !value.isString()
                      || Pattern.compile(wanted.stringValue()).matcher(value.stringValue()).find();
              case "minimum" -> !value.isNumber() || value.longValue() >= wanted.longValue();
              case "maximum" -> !value.isNumber() || value.longValue() <= wanted.longValue();
              case "minLength" ->
                  !value.isString() || value.stringValue().length() >= wanted.intValue();
              case "maxLength" ->
                  !value.isString() || value.stringValue().length() <= wanted.intValue();
              case "required" -> !value.isObject() || hasAll(value, wanted);
              case "oneOf" -> matching(wanted, value) == 1;
              case "$ref" -> {
                check(document.at(wanted.stringValue().substring(1)), value, at, faults);
                yield true;
              }
              case "items" -> {
                for (int i = 0; value.isArray() && i < value.size(); i++) {
                  check(wanted, value.get(i), at + "[" + i + "]", faults);
                }
                yield true;
              }
              case "properties", "patternProperties", "additionalProperties" -> true;
              default -> throw new AssertionError("this test knows no " + keyword.getKey());
            };
        if (!right) {
          faults.add(at + ": " + keyword.getKey() + " " + wanted + " is broken by " + value);
        }
      }
      members(schema, value, at, faults);
    }

    private void members(JsonNode schema, JsonNode value, String at, List<String> faults) {
      if (!value.isObject()) {
        return;
      }
      for (Map.Entry<String, JsonNode> member : value.properties()) {
        JsonNode property = schema.path("properties").path(member.getKey());
        boolean found = property.isObject();
        String below = at + "." + member.getKey();
        if (found) {
          check(property, member.getValue(), below, faults);
        }
        for (Map.Entry<String, JsonNode> pattern : schema.path("patternProperties").properties()) {
          if (Pattern.compile(pattern.getKey()).matcher(member.getKey()).find()) {
            found = true;
            check(pattern.getValue(), member.getValue(), below, faults);
          }
        }
        if (!found && !schema.path("additionalProperties").booleanValue(true)) {
          faults.add(below + " is not known");
        }
      }
    }

    private int matching(JsonNode alternatives, JsonNode value) {
      int matching = 0;
      for (JsonNode alternative : alternatives) {
        List<String> faults = new ArrayList<>();
        check(alternative, value, "", faults);
        matching += faults.isEmpty() ? 1 : 0;
      }
      return matching;
    }

    private static boolean isOfType(String type, JsonNode value) {
      return switch (type) {
        case "object" -> value.isObject();
        case "array" -> value.isArray();
        case "string" -> value.isString();
        case "boolean" -> value.isBoolean();
        case "integer" -> value.isIntegralNumber();
        default -> throw new AssertionError("this test knows no type " + type);
      };
    }

    private static boolean contains(JsonNode values, JsonNode value) {
      return StreamSupport.stream(values.spliterator(), false).anyMatch(value::equals);
    }

    private static boolean hasAll(JsonNode value, JsonNode names) {
      return StreamSupport.stream(names.spliterator(), false)
          .allMatch(name -> value.has(name.stringValue()));
    }
  }
}
