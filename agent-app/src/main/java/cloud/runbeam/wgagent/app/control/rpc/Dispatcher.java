package cloud.runbeam.wgagent.app.control.rpc;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Takes one line, finds the dialect it is written in, answers in the same. Any thread. */
public final class Dispatcher {
  private final JsonCodec codec;
  private final List<Dialect> dialects;

  /** A dispatcher that asks {@code dialects} in order. */
  public Dispatcher(JsonCodec codec, List<Dialect> dialects) {
    this.codec = codec;
    this.dialects = List.copyOf(dialects);
  }

  /** The reply to {@code line} without its line end; empty where none is due. */
  public Optional<byte[]> dispatch(ByteBuffer line, Caller caller) {
    try {
      JsonNode request = codec.read(line);
      for (Dialect dialect : dialects) {
        if (dialect.speaks(request)) {
          return dialect.handle(request, caller).map(codec::write);
        }
      }
      throw new RequestException(
          ErrorType.INVALID_REQUEST, "neither a \"jsonrpc\" nor an \"action\" member");
    } catch (RequestException refused) {
      return Optional.of(refusal(refused));
    }
  }

  /** The line that tells of {@code refused} where there is no request to answer. */
  public byte[] refusal(RequestException refused) {
    return codec.write(JsonRpcDialect.error(refused));
  }
}
