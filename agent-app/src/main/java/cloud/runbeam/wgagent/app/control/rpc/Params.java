package cloud.runbeam.wgagent.app.control.rpc;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a request's parameters. */
public final class Params {
  private Params() {}

  /** The text under {@code name}, empty where there is none or null. */
  public static Optional<String> text(ObjectNode params, String name) throws RequestException {
    JsonNode value = params.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw new RequestException(ErrorType.INVALID_PARAMS, name + " is not a text");
    }
    return Optional.of(value.stringValue());
  }

  /** The text under {@code name}. */
  public static String requiredText(ObjectNode params, String name) throws RequestException {
    return text(params, name)
        .orElseThrow(() -> new RequestException(ErrorType.INVALID_PARAMS, name + " is missing"));
  }

  /** The truth value under {@code name}, empty where there is none or null. */
  public static Optional<Boolean> truth(ObjectNode params, String name) throws RequestException {
    JsonNode value = params.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      throw new RequestException(ErrorType.INVALID_PARAMS, name + " is neither true nor false");
    }
    return Optional.of(value.booleanValue());
  }

  /** Refuses members other than {@code known}. */
  public static void allowOnly(ObjectNode params, Set<String> known) throws RequestException {
    for (String name : params.propertyNames()) {
      if (!known.contains(name)) {
        throw new RequestException(
            ErrorType.INVALID_PARAMS,
            "unknown parameter"
                + (known.isEmpty()
                    ? "; there are none"
                    : "; known: " + String.join(", ", new TreeSet<>(known))));
      }
    }
  }
}
