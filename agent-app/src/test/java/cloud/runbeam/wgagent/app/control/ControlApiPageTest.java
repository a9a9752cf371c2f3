package cloud.runbeam.wgagent.app.control;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.wiring.TestAgent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds code, {@code config/schema} and {@code docs/api.md} together: every exchange that the page
 * shows happens exactly so, and every request and reply in it fits the schema.
 */
@Timeout(40)
class ControlApiPageTest {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String ANYTHING = "…";
  private static final Pattern EXCHANGE = Pattern.compile("```exchange\n(.*?)```", Pattern.DOTALL);
  private static final Pattern SECTION = Pattern.compile("(?m)^### ([a-z._]+)$");
  private static final Pattern ERROR_ROW =
      Pattern.compile("(?m)^\\| (-3[0-9, -]+) \\| `([a-z_]+)` \\|");

  @TempDir private static Path directory;

  private static @Nullable TestAgent agent;
  private static String page = "";
  private static JsonNode schema = JSON.createObjectNode();

  @BeforeAll
  static void startAgent() throws IOException {
    page = Files.readString(REPOSITORY.resolve("docs/api.md"));
    schema =
        JSON.readTree(
            Files.readString(REPOSITORY.resolve("config/schema/control-api.schema.json")));
    agent =
        TestAgent.start(
            directory,
            """
            [network.default]
            interface = "wg0"
            address = "10.100.0.2/24"
            listen_port = 51820
            private_key_path = "private.key"
            [[network.default.peers]]
            name = "runbeam-core"
            public_key = "T2fCIbaPmBXsxicg9CEPqVqUqoCPtluDZJZi6F/gxcg="
            endpoint = "192.0.2.1:51820"
            allowed_ips = ["10.42.0.0/16"]
            """);
  }

  @AfterAll
  static void stopAgent() {
    if (agent != null) {
      agent.close();
    }
  }

  @Test
  void everyExchangeOnThePageHappensAsItSays() throws IOException {
    Map<String, String> pending = new HashMap<>();
    Set<String> methods = new LinkedHashSet<>();
    int replayed = 0;
    for (List<String> exchange : exchanges()) {
      try (LineClient client = new LineClient(agent().socket())) {
        for (String line : exchange) {
          String text = line.substring(2).replace("/etc/wg-agent/", directory.toString() + "/");
          if (line.startsWith("> ")) {
            client.send(text + "\n");
            remember(text, pending, methods);
            continue;
          }
          JsonNode expected = JSON.readTree(text);
          JsonNode actual = JSON.readTree(Objects.requireNonNull(client.receive()));
          assertThat(difference(expected, actual, "")).as("%s\nfor %s", actual, line).isEmpty();
          assertThat(faults(actual, pending)).as("%s", actual).isEmpty();
          replayed++;
        }
      }
    }
    assertThat(replayed).isGreaterThan(30);
    assertThat(methods).containsAll(methodNames());
  }

  @Test
  void everyMethodHasASectionAndASchema() {
    Set<String> documented = new TreeSet<>();
    Matcher section = SECTION.matcher(page);
    while (section.find()) {
      documented.add(section.group(1));
    }
    Set<String> known = new TreeSet<>();
    schema
        .path("$defs")
        .path("rpc.request")
        .path("properties")
        .path("method")
        .path("enum")
        .forEach(name -> known.add(name.stringValue()));

    assertThat(documented).isEqualTo(methodNames());
    assertThat(known).isEqualTo(methodNames());
    for (String name : methodNames()) {
      assertThat(schema.path("$defs").has(name + ".params")).as(name).isTrue();
      assertThat(schema.path("$defs").has(name + ".result")).as(name).isTrue();
    }
  }

  @Test
  void everyMethodStandsInTheTableWithItsRole() {
    for (ControlMethod method : agent().beans(ControlMethod.class)) {
      String role =
          switch (method.role()) {
            case READER -> "readers";
            case ADMIN -> "administrators";
          };
      assertThat(page)
          .contains(
              "| [`"
                  + method.name()
                  + "`](#"
                  + method.name().replace(".", "")
                  + ") | "
                  + role
                  + " |");
    }
  }

  @Test
  void everyErrorStandsInTheTableWithItsCode() {
    Map<Integer, String> documented = new HashMap<>();
    Matcher row = ERROR_ROW.matcher(page);
    while (row.find()) {
      for (String code : row.group(1).split(",", -1)) {
        documented.put(Integer.parseInt(code.strip()), row.group(2));
      }
    }
    Map<Integer, String> actual = new HashMap<>();
    Set<String> types = new TreeSet<>();
    for (ErrorType type : ErrorType.values()) {
      actual.put(type.code(), type.type());
      types.add(type.type());
    }
    Set<String> inSchema = new TreeSet<>();
    schema
        .path("$defs")
        .path("error_type")
        .path("enum")
        .forEach(name -> inSchema.add(name.stringValue()));

    assertThat(documented).isEqualTo(actual);
    assertThat(inSchema).isEqualTo(types);
  }

  private static List<List<String>> exchanges() {
    List<List<String>> exchanges = new ArrayList<>();
    Matcher block = EXCHANGE.matcher(page);
    while (block.find()) {
      exchanges.add(block.group(1).lines().toList());
    }
    return exchanges;
  }

  /**
   * Checks a request against the schema, unless it is wrong on purpose; keeps what it asked for.
   */
  private static void remember(String text, Map<String, String> pending, Set<String> methods) {
    if (!text.startsWith("{")) {
      return;
    }
    JsonNode request = JSON.readTree(text);
    String id = request.path("id").toString();
    if (request.has("method")) {
      String method = request.path("method").stringValue();
      methods.add(method);
      pending.put(id, method + ".result");
      assertThat(SchemaCheck.faults(schema, "rpc.request", request)).isEmpty();
      if (request.has("params") && !text.contains("70000")) {
        assertThat(SchemaCheck.faults(schema, method + ".params", request.get("params"))).isEmpty();
      }
    } else {
      pending.put(id, request.path("action").stringValue() + ".data");
    }
  }

  /** What is wrong with a reply by the schema. */
  private static List<String> faults(JsonNode reply, Map<String, String> pending) {
    if (reply.isArray()) {
      List<String> faults = new ArrayList<>();
      reply.forEach(one -> faults.addAll(SchemaCheck.faults(schema, "rpc.reply", one)));
      return faults;
    }
    if (reply.has("method")) {
      return SchemaCheck.faults(schema, "event.params", reply.get("params"));
    }
    boolean action = !reply.has("jsonrpc");
    List<String> faults =
        new ArrayList<>(SchemaCheck.faults(schema, action ? "action.reply" : "rpc.reply", reply));
    JsonNode result = action ? reply.get("data") : reply.get("result");
    if (result != null) {
      String definition =
          pending.getOrDefault(reply.path("id").toString(), "status.data"); // The id was made.
      faults.addAll(SchemaCheck.faults(schema, definition, result));
    }
    return faults;
  }

  /** Where {@code actual} is not what the page says; empty if it is. */
  private static List<String> difference(JsonNode expected, JsonNode actual, String at) {
    if (expected.isString() && expected.stringValue().equals(ANYTHING)) {
      return List.of();
    }
    List<String> differences = new ArrayList<>();
    if (expected.isObject() && actual.isObject()) {
      Set<String> names = new TreeSet<>(expected.propertyNames());
      boolean more = names.remove(ANYTHING);
      for (String name : names) {
        if (actual.has(name)) {
          differences.addAll(difference(expected.get(name), actual.get(name), at + "." + name));
        } else {
          differences.add(at + "." + name + " is missing");
        }
      }
      if (!more) {
        for (String name : actual.propertyNames()) {
          if (!names.contains(name)) {
            differences.add(at + "." + name + " is not on the page");
          }
        }
      }
    } else if (expected.isArray() && actual.isArray() && expected.size() == actual.size()) {
      for (int i = 0; i < expected.size(); i++) {
        differences.addAll(difference(expected.get(i), actual.get(i), at + "[" + i + "]"));
      }
    } else if (!expected.equals(actual)) {
      differences.add(at + " is " + actual + " instead of " + expected);
    }
    return differences;
  }

  private static Set<String> methodNames() {
    Set<String> names = new TreeSet<>();
    agent().beans(ControlMethod.class).forEach(method -> names.add(method.name()));
    return names;
  }

  private static TestAgent agent() {
    return Objects.requireNonNull(agent);
  }
}
