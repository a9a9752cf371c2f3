package cloud.runbeam.wgagent.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.client.ControlException.Kind;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
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

  @Test
  void answersMayComeInAnyOrder() throws Exception {
    answerTwo(
        """
        {"jsonrpc":"2.0","id":2,"result":"second"}
        {"jsonrpc":"2.0","id":1,"result":"first"}
        """);
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      PendingCall first = client.send("status", Map.of());
      PendingCall second = client.send("version", Map.of());

      assertThat(first.await()).isEqualTo(JsonValue.of("first"));
      assertThat(second.await()).isEqualTo(JsonValue.of("second"));
      assertThat(second.isDone()).isTrue();
    }
  }

  @Test
  void aRefusalConcernsItsOwnCallOnly() throws Exception {
    answerTwo(
        """
        {"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"lab","data":{"type":"network_not_found"}}}
        {"jsonrpc":"2.0","id":2,"result":{"pong":true}}
        """);
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      PendingCall refused = client.send("status", Map.of("network", JsonValue.of("lab")));
      PendingCall pong = client.send("ping", Map.of());

      assertKind(Kind.REFUSED, refused::await);
      assertThat(((JsonObject) pong.await()).bool("pong")).hasValue(true);
    }
  }

  @Test
  void anAnswerThatComesTooLateDisturbsNobody() throws Exception {
    CountDownLatch gaveUp = new CountDownLatch(1);
    serve(connection -> {
      readLine(connection);
      gaveUp.await();
      write(connection, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"late\"}\n");
      readLine(connection);
      write(connection, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"in time\"}\n");
    });
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      assertKind(Kind.TIMED_OUT, () -> client.call("status", Map.of(), Duration.ofMillis(20)));
      gaveUp.countDown();

      assertThat(client.call("status", Map.of())).isEqualTo(JsonValue.of("in time"));
    }
  }

  @Test
  void connectsAgainForTheNextCallWhenTheAgentWasRestarted() throws Exception {
    String pong = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"pong\":true}}\n";
    answer(pong);
    try (ControlClient client =
        ControlClient.connect(
            ConnectOptions.of(socket).withTimeout(LONG).withReconnectWithin(LONG))) {
      client.call("ping", Map.of());
      stop();
      Files.delete(socket);
      Thread restarting =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  listen();
                } catch (IOException failed) {
                  throw new UncheckedIOException(failed);
                }
                answer(pong);
              });

      // Whether the end of the old connection is seen before the call is up to the scheduler.
      assertThat(pingUntilConnected(client)).isInstanceOf(JsonObject.class);
      restarting.join();
    }
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    try (ControlClient client = ControlClient.connect(socket, LONG)) {
      Thread.currentThread().interrupt();

      assertKind(Kind.INTERRUPTED, () -> client.call("status", Map.of()));
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aRequestThatNobodyReadsTimesOut() throws Exception {
    String large = "x".repeat(4_000_000);
    try (ControlClient client = ControlClient.connect(socket, Duration.ofMillis(100))) {
      assertKind(
          Kind.TIMED_OUT, () -> client.call("connect", Map.of("network", JsonValue.of(large))));
    }
  }

  @Test
  void closingEndsEveryWait() throws Exception {
    ControlClient client = ControlClient.connect(socket, LONG);
    PendingCall waiting = client.send("status", Map.of());

    client.close();

    assertKind(Kind.DISCONNECTED, waiting::await);
    assertThatThrownBy(() -> client.call("status", Map.of()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void eventsComeWithWhatWasMissed() throws Exception {
    answer(
        """
        {"jsonrpc":"2.0","id":1,"result":{"topics":["state"]}}
        {"jsonrpc":"2.0","method":"event","params":{"topic":"state","network":"lab","at":"2026-11-23T08:00:00Z","data":{"to":"active"}}}
        {"jsonrpc":"2.0","method":"event","params":{"topic":"state","network":"lab","peer":"core","at":"x","missed":7,"data":{}}}
        """);
    try (EventStream events =
        EventStream.open(ConnectOptions.of(socket).withTimeout(LONG), Set.of("state"))) {
      AgentEvent first = events.next();
      assertThat(first.topic()).isEqualTo("state");
      assertThat(first.network()).isEqualTo("lab");
      assertThat(first.data().text("to")).hasValue("active");
      AgentEvent second = events.next(LONG).orElseThrow();
      assertThat(second.peer()).hasValue("core");
      assertThat(second.missed()).isEqualTo(7);
      assertThat(second.afterGap()).isFalse();
      assertKind(Kind.DISCONNECTED, events::next);
    }
  }

  @Test
  void eventsGoOnAfterARestartAndSaySo() throws Exception {
    String subscribed = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";
    String event =
        "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{\"topic\":\"health\",\"network\":\"lab\"}}\n";
    answer(subscribed + event);
    try (EventStream events =
        EventStream.open(
            ConnectOptions.of(socket).withTimeout(LONG).withReconnectWithin(LONG), Set.of())) {
      assertThat(events.next().afterGap()).isFalse();
      answer(subscribed + event + event);

      assertThat(events.next().afterGap()).isTrue();
      assertThat(events.next().afterGap()).isFalse();
    }
  }

  @Test
  void noEventInTimeIsNoFailure() throws Exception {
    serve(connection -> {
      readLine(connection);
      write(connection, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
      readLine(connection);
    });
    try (EventStream events =
        EventStream.open(ConnectOptions.of(socket).withTimeout(LONG), Set.of())) {
      assertThat(events.next(Duration.ofMillis(10))).isEmpty();
      Thread.currentThread().interrupt();
      assertKind(Kind.INTERRUPTED, events::next);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private static JsonValue pingUntilConnected(ControlClient client) throws ControlException {
    try {
      return client.call("ping", Map.of());
    } catch (ControlException lost) {
      assertThat(lost.kind()).isEqualTo(Kind.DISCONNECTED);
      return client.call("ping", Map.of());
    }
  }

  private static void assertKind(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ControlException.class, refused -> assertThat(refused.kind()).isEqualTo(kind));
  }

  /** Accepts one connection, reads one line, says {@code reply}, and hangs up. */
  private Thread answer(String reply) {
    return serve(connection -> {
      readLine(connection);
      write(connection, reply);
    });
  }

  /** Answers when two requests have come: an answer that is faster than its request is lost. */
  private Thread answerTwo(String replies) {
    return serve(connection -> {
      readLines(connection, 2);
      write(connection, replies);
    });
  }

  /** One side of a conversation. */
  private interface Conversation {
    void with(SocketChannel connection) throws IOException, InterruptedException;
  }

  /** Accepts one connection, talks, and hangs up. */
  private Thread serve(Conversation conversation) {
    ServerSocketChannel listening = server;
    return Thread.ofVirtual()
        .start(() -> {
          try (SocketChannel connection = listening.accept()) {
            conversation.with(connection);
          } catch (IOException _) {
            // The client went first; the test says whether that is right.
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static void readLine(SocketChannel connection) throws IOException {
    ByteBuffer line = ByteBuffer.allocate(4_096);
    while (line.position() == 0 || line.get(line.position() - 1) != '\n') {
      if (connection.read(line) < 0) {
        return;
      }
    }
  }

  private static void readLines(SocketChannel connection, int count) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    int lines = 0;
    while (lines < count && connection.read(one.clear()) >= 0) {
      lines += one.get(0) == '\n' ? 1 : 0;
    }
  }

  private static void write(SocketChannel connection, String reply) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(reply);
    while (bytes.hasRemaining()) {
      connection.write(bytes);
    }
  }
}
