package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A command that is one call: its result goes out as JSON or as a text.
 *
 * @param method of the control API
 * @param params by name
 * @param timeout how long the agent may take
 * @param json whether the result goes out as received
 * @param view makes it readable
 */
record OneCall(
    String method, Map<String, JsonValue> params, Duration timeout, boolean json, View view)
    implements Command.Action {
  /** For what the agent answers at once. */
  static final Duration QUICK = Duration.ofSeconds(10);

  /** For what may wait for names, routes and other programs. */
  static final Duration SLOW = Duration.ofSeconds(90);

  /** Shows a result to a person. */
  @FunctionalInterface
  interface View {
    /** Prints the result, and returns the exit code. */
    int show(JsonObject result, CommandOutput output);
  }

  @Override
  public int run(ControlClient agent, CommandOutput output) throws ControlException {
    JsonValue result = agent.call(method, params, timeout);
    JsonObject object =
        result instanceof JsonObject members ? members : new JsonObject(Map.of("result", result));
    if (json) {
      output.json(result);
      return OK;
    }
    return view.show(object, output);
  }

  /** Parameters under construction. */
  static Map<String, JsonValue> noParams() {
    return new LinkedHashMap<>();
  }
}
