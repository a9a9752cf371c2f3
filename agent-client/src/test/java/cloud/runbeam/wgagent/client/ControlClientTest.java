package cloud.runbeam.wgagent.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.client.ControlException.Kind;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that says what the test tells it to. */
@Timeout(60)
class ControlClientTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private ServerSocketChannel server;
  private Path socket;

  @BeforeEach
  void listen() throws IOException {
    socket = directory.resolve("control.sock");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void returnsTheResultOfItsOwnRequest() throws Exception {
    Thread answering =
        answer(
            """
            {"jsonrpc":"2.0","method":"event","params":{}}
            {"jsonrpc":"2.0","id":99,"result":"of another"}
            {"jsonrpc":"2.0","id":1,"result":{"state":"active"}}
            """);
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      JsonValue result = client.call("status", Map.of("network", JsonValue.of("default")));

      assertThat(((JsonObject) result).text("state")).hasValue("active");
    }
    answering.join();
  }

  @Test
  void readsAnAnswerOfManyMegabytes() throws Exception {
    String text = "x".repeat(5_000_000);
    Thread answering = answer("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"" + text + "\"}\n");
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      assertThat(client.call("status", Map.of())).isEqualTo(JsonValue.of(text));
    }
    answering.join();
  }

  @Test
  void tellsARefusalWithItsTypeAndProblems() throws Exception {
    answer(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32002,\"message\":\"wrong\",\"data\":"
            + "{\"type\":\"config_error\",\"problems\":[{\"path\":\"network.a\",\"line\":3}]}}}\n");
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      assertThatThrownBy(() -> client.call("connect", Map.of()))
          .isInstanceOfSatisfying(
              ControlException.class,
              refused -> {
                assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
                assertThat(refused.type()).isEqualTo("config_error");
                assertThat(refused.problems().getFirst().line()).isEqualTo(3);
              })
          .hasMessage("wrong");
    }
  }

  @Test
  void tellsWhyTheAgentTurnedItAway() throws Exception {
    answer(
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32004,\"message\":\"not you\","
            + "\"data\":{\"type\":\"permission_denied\"}}}\n");
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      assertKind(Kind.REFUSED, () -> client.call("status", Map.of()));
    }
  }

  @Test
  void givesUpWaitingInTime() throws Exception {
    try (ControlClient client = ControlClient.connect(socket, Duration.ofMillis(50))) {
      assertKind(Kind.TIMED_OUT, () -> client.call("status", Map.of()));
    }
  }

  @Test
  void saysThatTheAgentHungUp() throws Exception {
    answer("");
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      assertKind(Kind.DISCONNECTED, () -> client.call("status", Map.of()));
    }
  }

  @Test
  void refusesAnAnswerInNoProtocol() throws Exception {
    answer("HTTP/1.1 400 Bad Request\n");
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      assertKind(Kind.BROKEN_REPLY, () -> client.call("status", Map.of()));
    }
  }

  @Test
  void saysThatNoAgentRuns() throws Exception {
    Path nothing = directory.resolve("nothing.sock");

    assertKind(Kind.NO_AGENT, () -> ControlClient.connect(nothing, LONG));
    stop();
    assertKind(Kind.NO_AGENT, () -> ControlClient.connect(socket, LONG));
    assertThatThrownBy(() -> ControlClient.connect(socket, LONG))
        .hasMessageContaining("start one with \"wg-agent up\"");
  }

  private static void assertKind(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ControlException.class, refused -> assertThat(refused.kind()).isEqualTo(kind));
  }

  /** Accepts one connection, reads one line, says {@code reply}, and hangs up. */
  private Thread answer(String reply) {
    return Thread.ofVirtual()
        .start(() -> {
          try (SocketChannel connection = server.accept()) {
            ByteBuffer line = ByteBuffer.allocate(4_096);
            while (line.position() == 0 || line.get(line.position() - 1) != '\n') {
              if (connection.read(line) < 0) {
                return;
              }
            }
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(reply);
            while (bytes.hasRemaining()) {
              connection.write(bytes);
            }
          } catch (IOException _) {
            // The client went first; the test says whether that is right.
          }
        });
  }
}
