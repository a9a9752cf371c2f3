package cloud.runbeam.wgagent.app.control.rpc;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Takes one line, finds the dialect it is written in, answers in the same. Any thread. */
public final class Dispatcher {
  private final JsonCodec codec;
  private final List<Dialect> dialects;
  private final RequestObserver observer;

  /** A dispatcher that asks {@code dialects} in order. */
  public Dispatcher(JsonCodec codec, List<Dialect> dialects, RequestObserver observer) {
    this.codec = codec;
    this.dialects = List.copyOf(dialects);
    this.observer = observer;
  }

  /** The reply to {@code line} without its line end; empty where none is due. */
  public Optional<byte[]> dispatch(ByteBuffer line, Caller caller, Notifications notifications) {
    try {
      JsonNode request = codec.read(line);
      for (Dialect dialect : dialects) {
        if (dialect.speaks(request)) {
          return dialect.handle(request, caller, notifications).map(codec::write);
        }
      }
      throw new RequestException(
          ErrorType.INVALID_REQUEST, "neither a \"jsonrpc\" nor an \"action\" member");
    } catch (RequestException refused) {
      return Optional.of(refusal(refused));
    }
  }

  /**
   * The line that tells of {@code refused} where there is no request to answer, so that nobody
   * knows which dialect the caller speaks: it can be read in both.
   */
  public byte[] refusal(RequestException refused) {
    observer.refused(refused.type());
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    reply.put("jsonrpc", "2.0");
    reply.putNull("id");
    reply.put("success", false);
    ObjectNode error = JsonRpcDialect.errorObject(refused);
    error.put("type", refused.type().type());
    reply.set("error", error);
    return codec.write(reply);
  }

  /** A JSON-RPC notification as a line without its end. */
  public byte[] notification(String method, JsonNode params) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("jsonrpc", "2.0");
    line.put("method", method);
    line.set("params", params);
    return codec.write(line);
  }
}
