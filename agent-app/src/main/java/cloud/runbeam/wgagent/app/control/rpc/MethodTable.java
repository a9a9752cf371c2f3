package cloud.runbeam.wgagent.app.control.rpc;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds a method, asks whether the caller may, and calls it: what all dialects share. Any thread.
 */
public final class MethodTable {
  private static final Logger log = LoggerFactory.getLogger(MethodTable.class);

  private final Map<String, ControlMethod> methods;
  private final JsonCodec codec;
  private final RateLimits limits;
  private final ChangeLog changes;
  private final RequestObserver observer;

  /** A table that nobody observes. */
  public MethodTable(
      List<ControlMethod> methods, JsonCodec codec, RateLimits limits, ChangeLog changes) {
    this(methods, codec, limits, changes, RequestObserver.NONE);
  }

  /** A table. No two methods may have one name. */
  public MethodTable(
      List<ControlMethod> methods,
      JsonCodec codec,
      RateLimits limits,
      ChangeLog changes,
      RequestObserver observer) {
    this.methods =
        methods.stream()
            .collect(Collectors.toUnmodifiableMap(ControlMethod::name, Function.identity()));
    this.codec = codec;
    this.limits = limits;
    this.changes = changes;
    this.observer = observer;
  }

  /** The result of the method of that name. */
  JsonNode call(String name, ObjectNode params, Caller caller, Notifications notifications)
      throws RequestException {
    ControlMethod method = admitted(name, caller);
    RequestObserver.Running running = observer.begun(name);
    Optional<ErrorType> refusal = Optional.of(ErrorType.INTERNAL_ERROR);
    try {
      JsonNode result = audited(method, params, caller, notifications);
      refusal = Optional.empty();
      return result;
    } catch (RequestException refused) {
      refusal = Optional.of(refused.type());
      throw refused;
    } finally {
      running.ended(refusal);
    }
  }

  private ControlMethod admitted(String name, Caller caller) throws RequestException {
    ControlMethod method = methods.get(name);
    try {
      limits.count(caller, method == null ? Effect.READ : method.effect());
      if (method == null) {
        throw new RequestException(
            ErrorType.METHOD_NOT_FOUND,
            "no such method; known: "
                + methods.keySet().stream().sorted().collect(Collectors.joining(", ")));
      }
      return method;
    } catch (RequestException refused) {
      observer.refused(refused.type());
      throw refused;
    }
  }

  private JsonNode audited(
      ControlMethod method, ObjectNode params, Caller caller, Notifications notifications)
      throws RequestException {
    if (method.effect() == Effect.READ) {
      return carryOut(method, params, caller, notifications);
    }
    String name = method.name();
    Optional<String> network =
        Optional.ofNullable(params.get("network"))
            .filter(JsonNode::isString)
            .map(JsonNode::stringValue);
    try {
      JsonNode result = carryOut(method, params, caller, notifications);
      changes.record(caller, name, network, "done", result);
      return result;
    } catch (RequestException refused) {
      changes.record(caller, name, network, refused.type().type(), NullNode.instance);
      throw refused;
    }
  }

  private JsonNode carryOut(
      ControlMethod method, ObjectNode params, Caller caller, Notifications notifications)
      throws RequestException {
    String name = method.name();
    if (!caller.role().covers(method.role())) {
      throw new RequestException(
          ErrorType.PERMISSION_DENIED, name + " needs the role of an administrator");
    }
    Object result = guarded(method, params, caller, notifications);
    try {
      return codec.tree(result);
    } catch (JacksonException failed) {
      throw unexpected(ErrorType.SERIALIZATION_ERROR, name, failed);
    }
  }

  private static Object guarded(
      ControlMethod method, ObjectNode params, Caller caller, Notifications notifications)
      throws RequestException {
    try {
      return method instanceof StreamingMethod streaming
          ? streaming.call(params, caller, notifications)
          : method.call(params, caller);
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
