package cloud.runbeam.wgagent.app.control.rpc;

import cloud.runbeam.wgagent.app.config.Problem;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON-RPC 2.0 (jsonrpc.org/specification; section numbers below are its own). */
public final class JsonRpcDialect implements Dialect {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Requests of one batch; their replies are held until the last is ready. */
  private static final int MAX_BATCH = 64;

  private final MethodTable methods;

  /** The dialect over these methods. */
  public JsonRpcDialect(MethodTable methods) {
    this.methods = methods;
  }

  @Override
  public boolean speaks(JsonNode line) {
    return line.isArray() || line.has("jsonrpc");
  }

  @Override
  public Optional<JsonNode> handle(JsonNode line, Caller caller, Notifications notifications) {
    return line instanceof ArrayNode batch
        ? batch(batch, caller, notifications)
        : single(line, caller, notifications);
  }

  /** Section 6: replies in an array; none at all if every request was a notification. */
  private Optional<JsonNode> batch(ArrayNode batch, Caller caller, Notifications notifications) {
    if (batch.isEmpty()) {
      return Optional.of(
          error(NullNode.instance, ErrorType.INVALID_REQUEST, "an empty batch asks for nothing"));
    }
    if (batch.size() > MAX_BATCH) {
      return Optional.of(
          error(
              NullNode.instance,
              ErrorType.TOO_LARGE,
              "a batch has at most " + MAX_BATCH + " requests; send more lines instead"));
    }
    ArrayNode replies = NODES.arrayNode();
    for (JsonNode request : batch) {
      single(request, caller, notifications).ifPresent(replies::add);
    }
    return replies.isEmpty() ? Optional.empty() : Optional.of(replies);
  }

  /** Section 4. */
  private Optional<JsonNode> single(JsonNode request, Caller caller, Notifications notifications) {
    if (!(request instanceof ObjectNode members)) {
      return Optional.of(
          error(NullNode.instance, ErrorType.INVALID_REQUEST, "a request is a JSON object"));
    }
    @Nullable JsonNode id = members.get("id");
    if (id != null && !id.isNull() && !id.isString() && !id.isIntegralNumber()) {
      return Optional.of(
          error(
              NullNode.instance,
              ErrorType.INVALID_REQUEST,
              "id is neither a text nor a whole number nor null"));
    }
    JsonNode version = members.get("jsonrpc");
    JsonNode method = members.get("method");
    if (version == null
        || !version.isString()
        || !version.stringValue().equals("2.0")
        || method == null
        || !method.isString()) {
      return Optional.of(
          error(
              id == null ? NullNode.instance : id,
              ErrorType.INVALID_REQUEST,
              "a request has \"jsonrpc\": \"2.0\" and a method"));
    }
    JsonNode reply =
        carryOut(id, method.stringValue(), members.get("params"), caller, notifications);
    // Section 4.1: a notification is not answered, not even with an error.
    return id == null ? Optional.empty() : Optional.of(reply);
  }

  private JsonNode carryOut(
      @Nullable JsonNode id,
      String method,
      @Nullable JsonNode params,
      Caller caller,
      Notifications notifications) {
    JsonNode answered = id == null ? NullNode.instance : id;
    try {
      if (params != null && !params.isNull() && !(params instanceof ObjectNode)) {
        throw new RequestException(ErrorType.INVALID_PARAMS, "params are given by name");
      }
      ObjectNode named = params instanceof ObjectNode object ? object : NODES.objectNode();
      ObjectNode reply = NODES.objectNode();
      reply.put("jsonrpc", "2.0");
      reply.set("id", answered);
      reply.set("result", methods.call(method, named, caller, notifications));
      return reply;
    } catch (RequestException refused) {
      return error(answered, refused);
    }
  }

  private static JsonNode error(JsonNode id, ErrorType type, String message) {
    return error(id, new RequestException(type, message));
  }

  private static JsonNode error(JsonNode id, RequestException refused) {
    ObjectNode reply = NODES.objectNode();
    reply.put("jsonrpc", "2.0");
    reply.set("id", id);
    reply.set("error", errorObject(refused));
    return reply;
  }

  /** Section 5.1. */
  static ObjectNode errorObject(RequestException refused) {
    ObjectNode data = NODES.objectNode();
    data.put("type", refused.type().type());
    if (!refused.problems().isEmpty()) {
      ArrayNode problems = data.putArray("problems");
      for (Problem problem : refused.problems()) {
        problems
            .addObject()
            .put("path", problem.key())
            .put("line", problem.position().line())
            .put("column", problem.position().column())
            .put("reason", problem.reason().code())
            .put("text", problem.what() + ": " + problem.advice());
      }
    }
    ObjectNode error = NODES.objectNode();
    error.put("code", refused.type().code());
    error.put("message", String.valueOf(refused.getMessage()));
    error.set("data", data);
    return error;
  }
}
