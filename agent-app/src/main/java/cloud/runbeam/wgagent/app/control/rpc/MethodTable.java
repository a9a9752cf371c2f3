package cloud.runbeam.wgagent.app.control.rpc;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds a method, asks whether the caller may, and calls it: what all dialects share. Any thread.
 */
public final class MethodTable {
  private static final Logger log = LoggerFactory.getLogger(MethodTable.class);

  private final Map<String, ControlMethod> methods;
  private final JsonCodec codec;

  /** A table. No two methods may have one name. */
  public MethodTable(List<ControlMethod> methods, JsonCodec codec) {
    this.methods =
        methods.stream()
            .collect(Collectors.toUnmodifiableMap(ControlMethod::name, Function.identity()));
    this.codec = codec;
  }

  /** The result of the method of that name. */
  JsonNode call(String name, ObjectNode params, Caller caller) throws RequestException {
    ControlMethod method = methods.get(name);
    if (method == null) {
      throw new RequestException(
          ErrorType.METHOD_NOT_FOUND,
          "no such method; known: "
              + methods.keySet().stream().sorted().collect(Collectors.joining(", ")));
    }
    if (!caller.role().covers(method.role())) {
      throw new RequestException(
          ErrorType.PERMISSION_DENIED, name + " needs the role of an administrator");
    }
    Object result = guarded(method, params, caller);
    try {
      return codec.tree(result);
    } catch (JacksonException failed) {
      throw unexpected(ErrorType.SERIALIZATION_ERROR, name, failed);
    }
  }

  private static Object guarded(ControlMethod method, ObjectNode params, Caller caller)
      throws RequestException {
    try {
      return method.call(params, caller);
    } catch (RuntimeException failed) {
      // The connection of one caller must not suffer from a fault of ours, and the fault must not
      // be lost.
      throw unexpected(ErrorType.INTERNAL_ERROR, method.name(), failed);
    }
  }

  private static RequestException unexpected(
      ErrorType type, String method, RuntimeException failed) {
    String reference = UUID.randomUUID().toString().substring(0, 8);
    log.error(
        "control request {} failed, reference {}; please report this", method, reference, failed);
    return new RequestException(
        type, "internal error, reference " + reference + ": see the agent's log");
  }
}
