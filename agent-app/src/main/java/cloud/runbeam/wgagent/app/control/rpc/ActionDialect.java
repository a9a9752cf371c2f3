package cloud.runbeam.wgagent.app.control.rpc;

import cloud.runbeam.wgagent.app.config.JsonConfig;
import cloud.runbeam.wgagent.app.config.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What clients of the Rust agent send.
 *
 * <pre>
 *   {"action": "status"}                                          network "default", an id is made
 *   {"id": "7", "action": "connect", "network": "home", "config": {"interface": "wg0", ...}}
 *   {"action": "connect", "interface": "wg0", "peers": [...]}     early form, network "default"
 *
 *   {"id": "7", "success": true, "data": {"network": "home", "state": "active", ...}}
 *   {"id": "7", "success": false, "error": {"type": "invalid_state", "message": "..."}}
 * </pre>
 *
 * <p>The methods are those of JSON-RPC; this class chooses the members of {@code data}. Unknown
 * members are ignored, in the configuration too.
 */
public final class ActionDialect implements Dialect {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String DEFAULT_NETWORK = "default";

  /** Which members of a result become {@code data}, in this order; none named: all. */
  private static final Map<String, List<String>> DATA =
      Map.of(
          "connect", List.of("network", "state", "interface", "peers"),
          "disconnect", List.of("network", "state"),
          "status", List.of(),
          "reload", List.of("network", "state"),
          "rotate_keys", List.of("network", "state", "public_key", "previous_public_key"));

  /** Which actions take a configuration. */
  private static final Set<String> CONFIGURABLE = Set.of("connect", "reload");

  /** Members of the request itself; in the early form the others are the configuration. */
  private static final Set<String> ENVELOPE =
      Set.of("id", "action", "network", "config", "persist");

  private final MethodTable methods;
  private final JsonConfig configuration;

  /** The dialect over these methods. */
  public ActionDialect(MethodTable methods, JsonConfig configuration) {
    this.methods = methods;
    this.configuration = configuration;
  }

  @Override
  public boolean speaks(JsonNode line) {
    return line instanceof ObjectNode && line.has("action") && !line.has("jsonrpc");
  }

  @Override
  public Optional<JsonNode> handle(JsonNode line, Caller caller, Notifications notifications) {
    ObjectNode reply = NODES.objectNode();
    reply.set("id", id(line));
    try {
      ObjectNode data = carryOut((ObjectNode) line, caller, notifications);
      reply.put("success", true);
      reply.set("data", data);
    } catch (RequestException refused) {
      reply.put("success", false);
      reply.putObject("error").put("type", refused.type().type()).put("message", message(refused));
    }
    return Optional.of(reply);
  }

  private static JsonNode id(JsonNode line) {
    JsonNode id = line.get("id");
    return id != null && (id.isString() || id.isIntegralNumber())
        ? id
        : NODES.stringNode(UUID.randomUUID().toString());
  }

  private ObjectNode carryOut(ObjectNode line, Caller caller, Notifications notifications)
      throws RequestException {
    JsonNode action = line.get("action");
    List<String> members =
        action != null && action.isString() ? DATA.get(action.stringValue()) : null;
    if (action == null || members == null) {
      throw new RequestException(
          ErrorType.PARSE_ERROR,
          "no such action; known: connect, disconnect, status, reload, rotate_keys");
    }
    String method = action.stringValue();
    ObjectNode params = NODES.objectNode();
    params.put("network", Params.text(line, "network").orElse(DEFAULT_NETWORK));
    if (CONFIGURABLE.contains(method)) {
      ObjectNode config = config(line);
      if (config != null) {
        params.set("config", configuration.withoutUnknown(config));
      }
      if (config != null && method.equals("connect") && line.path("persist").isBoolean()) {
        params.set("persist", line.get("persist"));
      }
    }
    JsonNode result = methods.call(method, params, caller, notifications);
    ObjectNode data = data(result, members);
    if (method.equals("reload")) {
      data.put("reloaded", true);
    }
    return data;
  }

  private static @Nullable ObjectNode config(ObjectNode line) throws RequestException {
    JsonNode config = line.get("config");
    if (config != null && !config.isNull()) {
      if (config instanceof ObjectNode object) {
        return object;
      }
      throw new RequestException(ErrorType.PARSE_ERROR, "config is no JSON object");
    }
    if (line.has("network")) {
      return null;
    }
    ObjectNode early = line.deepCopy().remove(ENVELOPE);
    // Members that are none of a configuration's do not make one.
    return JsonConfig.looksLikeNetwork(early) ? early : null;
  }

  private static ObjectNode data(JsonNode result, List<String> members) {
    if (members.isEmpty()) {
      return (ObjectNode) result;
    }
    ObjectNode data = NODES.objectNode();
    for (String member : members) {
      JsonNode value = result.get(member);
      if (value != null) {
        data.set(member, value);
      }
    }
    return data;
  }

  /** This dialect has one text for everything, so that the problems stand in it. */
  private static String message(RequestException refused) {
    String message = String.valueOf(refused.getMessage());
    return refused.problems().isEmpty()
        ? message
        : refused.problems().stream().map(ActionDialect::text).collect(Collectors.joining("; "));
  }

  private static String text(Problem problem) {
    String text = problem.what() + ": " + problem.advice();
    return problem.key().isEmpty() ? text : problem.key() + ": " + text;
  }
}
