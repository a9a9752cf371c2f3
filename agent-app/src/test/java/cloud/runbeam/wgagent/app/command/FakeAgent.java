package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.JsonSyntaxException;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers on a control socket what a test told it to, and remembers what it was asked. */
public final class FakeAgent implements AutoCloseable {
  private final ServerSocketChannel server;
  private final Path socket;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<JsonObject> requests = new CopyOnWriteArrayList<>();

  /** An agent that knows no method yet. */
  public FakeAgent(Path socket) {
    this.socket = socket;
    try {
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** Where it listens. */
  public Path socket() {
    return socket;
  }

  /** From now on {@code method} is answered by this result; further lines are sent as they are. */
  public FakeAgent answers(String method, String result, String... linesAfterwards) {
    String after = linesAfterwards.length == 0 ? "" : "\n" + String.join("\n", linesAfterwards);
    answers.put(method, "\"result\":" + result.replace("\n", " ") + "}" + after);
    return this;
  }

  /** From now on {@code method} is refused. */
  public FakeAgent refuses(String method, String type, String message) {
    answers.put(
        method,
        "\"error\":{\"code\":-32000,\"message\":"
            + JsonValue.of(message).toJson()
            + ",\"data\":{\"type\":\""
            + type
            + "\",\"problems\":[{\"path\":\"network.a.mtu\",\"line\":3,\"text\":\"too"
            + " small\"}]}}}");
    return this;
  }

  /** The parameters of the last request for {@code method}. */
  public JsonObject asked(String method) {
    return requests.reversed().stream()
        .filter(request -> request.text("method").orElse("").equals(method))
        .findFirst()
        .map(request -> request.object("params").orElseGet(() -> new JsonObject(Map.of())))
        .orElseThrow(() -> new AssertionError(method + " was not asked, only " + requests));
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel connection = server.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void serve(SocketChannel connection) {
    try (connection;
        BufferedReader lines =
            new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonObject request = (JsonObject) JsonValue.parse(line);
        requests.add(request);
        String answer =
            answers.getOrDefault(
                request.text("method").orElse(""),
                "\"error\":{\"code\":-32601,\"message\":\"unknown"
                    + " method\",\"data\":{\"type\":\"method_not_found\"}}}");
        String reply =
            "{\"jsonrpc\":\"2.0\",\"id\":" + request.integer("id").orElse(0L) + "," + answer + "\n";
        connection.write(StandardCharsets.UTF_8.encode(reply));
      }
    } catch (IOException _) {
      // The client went, or the test is over.
    } catch (JsonSyntaxException broken) {
      throw new AssertionError(broken);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
