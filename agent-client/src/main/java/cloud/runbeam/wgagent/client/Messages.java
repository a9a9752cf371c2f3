package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.ControlException.Kind;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Lines of JSON-RPC 2.0. */
final class Messages {
  private Messages() {}

  static String request(long id, String method, Map<String, JsonValue> params) {
    Map<String, JsonValue> request = new LinkedHashMap<>();
    request.put("jsonrpc", JsonValue.of("2.0"));
    request.put("id", JsonValue.of(id));
    request.put("method", JsonValue.of(method));
    if (!params.isEmpty()) {
      request.put("params", new JsonObject(params));
    }
    return new JsonObject(request).toJson();
  }

  static JsonObject parse(String line) throws ControlException {
    try {
      if (JsonValue.parse(line) instanceof JsonObject object) {
        return object;
      }
      throw new ControlException(Kind.BROKEN_REPLY, "the agent's answer is not a JSON object");
    } catch (JsonSyntaxException broken) {
      throw new ControlException(
          Kind.BROKEN_REPLY, "the agent's answer is broken: " + broken.getMessage());
    }
  }

  static ControlException disconnected(Path socket, IOException broken) {
    return new ControlException(
        Kind.DISCONNECTED,
        "the agent at "
            + socket
            + " closed the connection ("
            + broken.getMessage()
            + "): see its log for the reason");
  }
}
