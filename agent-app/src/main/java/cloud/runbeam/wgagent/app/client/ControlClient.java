package cloud.runbeam.wgagent.app.client;

import cloud.runbeam.wgagent.app.client.ControlException.Kind;
import cloud.runbeam.wgagent.app.client.JsonValue.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a running agent, speaking JSON-RPC 2.0, one JSON value per line.
 *
 * <p>One thread at a time; requests are answered one after the other. Every wait is bounded by the
 * timeout given at the start.
 */
public final class ControlClient implements AutoCloseable {
  /** Far more than any answer of an agent with thousands of peers. */
  private static final int MAX_REPLY_BYTES = 64 << 20;

  private final Path socket;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final Duration timeout;
  private ByteBuffer received = ByteBuffer.allocate(16 * 1_024);
  private long nextId = 1;

  private ControlClient(Path socket, SocketChannel channel, SelectionKey key, Duration timeout) {
    this.socket = socket;
    this.channel = channel;
    this.key = key;
    this.timeout = timeout;
  }

  /**
   * Connects.
   *
   * @param timeout for each request, from sending to the answer
   * @throws ControlException of kind {@code NO_AGENT} or {@code NO_PERMISSION}
   */
  public static ControlClient connect(Path socket, Duration timeout) throws ControlException {
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      return new ControlClient(socket, channel, key, timeout);
    } catch (IOException | IllegalArgumentException failed) {
      closeQuietly(channel);
      throw notConnected(socket, failed);
    }
  }

  /**
   * Sends a request and waits for its result.
   *
   * @param method e.g. {@code status}
   * @param params by name; empty for none
   * @return the {@code result} member of the answer
   * @throws ControlException if there is none, in time
   */
  public JsonValue call(String method, Map<String, JsonValue> params) throws ControlException {
    long id = nextId++;
    Map<String, JsonValue> request = new LinkedHashMap<>();
    request.put("jsonrpc", JsonValue.of("2.0"));
    request.put("id", JsonValue.of(id));
    request.put("method", JsonValue.of(method));
    if (!params.isEmpty()) {
      request.put("params", new JsonObject(params));
    }
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    try {
      send(new JsonObject(request).toJson() + "\n", deadlineNs);
      while (true) {
        JsonObject reply = parse(receiveLine(deadlineNs));
        Optional<JsonObject> error = reply.object("error");
        // An error without id is the agent's word on the connection itself: not allowed, too slow.
        if (reply.integer("id").filter(answered -> answered == id).isPresent()
            || (error.isPresent() && reply.get("id").isEmpty())) {
          if (error.isPresent()) {
            throw refused(error.get());
          }
          return reply.get("result").orElse(new JsonValue.JsonNull());
        }
      }
    } catch (IOException broken) {
      throw new ControlException(
          Kind.DISCONNECTED,
          "the agent at "
              + socket
              + " closed the connection ("
              + broken.getMessage()
              + "): see its log for the reason");
    }
  }

  private void send(String line, long deadlineNs) throws IOException, ControlException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
    try {
      while (bytes.hasRemaining()) {
        if (channel.write(bytes) == 0) {
          await(SelectionKey.OP_WRITE, deadlineNs);
        }
      }
    } catch (IOException closed) {
      // The agent may have said why before it closed: the answer is read below.
      if (received.position() == 0 && channel.read(received) <= 0) {
        throw closed;
      }
    }
  }

  private String receiveLine(long deadlineNs) throws IOException, ControlException {
    int searched = 0;
    while (true) {
      for (; searched < received.position(); searched++) {
        if (received.get(searched) == '\n') {
          return takeLine(searched);
        }
      }
      if (!received.hasRemaining()) {
        grow();
      }
      int count = channel.read(received);
      if (count < 0) {
        throw new IOException("end of stream");
      }
      if (count == 0) {
        await(SelectionKey.OP_READ, deadlineNs);
      }
    }
  }

  private String takeLine(int end) {
    String line = new String(received.array(), 0, end, StandardCharsets.UTF_8);
    received.flip().position(end + 1);
    received.compact();
    return line;
  }

  private void grow() throws ControlException {
    if (received.capacity() >= MAX_REPLY_BYTES) {
      throw new ControlException(
          Kind.BROKEN_REPLY, "the answer is larger than 64 MiB: is " + socket + " a wg-agent?");
    }
    ByteBuffer larger = ByteBuffer.allocate(received.capacity() * 2);
    larger.put(received.flip());
    received = larger;
  }

  private void await(int operation, long deadlineNs) throws IOException, ControlException {
    long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
    if (leftMs <= 0) {
      throw new ControlException(
          Kind.TIMED_OUT,
          "no answer from the agent within "
              + timeout.toMillis()
              + " ms: it may still carry the request out; try again, or see its log");
    }
    key.interestOps(operation);
    key.selector().select(leftMs);
    key.selector().selectedKeys().clear();
  }

  private static JsonObject parse(String line) throws ControlException {
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

  private static ControlException refused(JsonObject error) {
    Optional<JsonObject> data = error.object("data");
    return new ControlException(
        Kind.REFUSED,
        data.flatMap(members -> members.text("type")).orElse("internal_error"),
        error.text("message").orElse("refused without a reason"),
        data.map(members -> members.objects("problems")).orElse(List.of()));
  }

  private static ControlException notConnected(Path socket, Exception failed) {
    if (Files.exists(socket) || failed instanceof ConnectException) {
      boolean refused = String.valueOf(failed.getMessage()).contains("refused");
      if (!refused && String.valueOf(failed.getMessage()).contains("ermission")) {
        return new ControlException(
            Kind.NO_PERMISSION,
            "this user may not use " + socket + ": run as root or as the agent's user");
      }
    }
    if (!Files.exists(socket)
        && !Files.isReadable(parentOf(socket))
        && Files.exists(parentOf(socket))) {
      return new ControlException(
          Kind.NO_PERMISSION,
          "this user may not look into "
              + parentOf(socket)
              + ": run as root or as the agent's user");
    }
    return new ControlException(
        Kind.NO_AGENT,
        "no agent answers at "
            + socket
            + ": start one with \"wg-agent up\", or name its socket with --socket");
  }

  private static Path parentOf(Path socket) {
    Path parent = socket.toAbsolutePath().getParent();
    return parent == null ? socket.toAbsolutePath() : parent;
  }

  private static void closeQuietly(@Nullable Closeable resource) {
    if (resource != null) {
      try {
        resource.close();
      } catch (IOException _) {
        // Nothing was sent; there is nothing to lose.
      }
    }
  }

  /** Ends the connection. Idempotent. */
  @Override
  public void close() {
    closeQuietly(key.selector());
    closeQuietly(channel);
  }
}
