package cloud.runbeam.wgagent.app.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.app.control.method.PingMethod;
import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ChangeLog;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.JsonCodec;
import cloud.runbeam.wgagent.app.control.rpc.JsonRpcDialect;
import cloud.runbeam.wgagent.app.control.rpc.MethodTable;
import cloud.runbeam.wgagent.app.control.rpc.RateLimits;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.platform.api.Accounts;
import cloud.runbeam.wgagent.platform.api.PeerCredentials;
import cloud.runbeam.wgagent.platform.api.SocketAccess;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

@Timeout(60)
class ControlServerTest {
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
  private static final String PONG = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"pong\":true}}";
  private static final ControlLimits LIMITS =
      new ControlLimits(1_000, Duration.ofSeconds(60), Duration.ofSeconds(10), 3, 2, 2, 100_000);

  @TempDir private Path directory;

  private final ManualDeadlines deadlines = new ManualDeadlines();
  private final CountDownLatch slowMayGoOn = new CountDownLatch(1);

  @Test
  void answersOverASocketThatOthersMayNotUse() throws Exception {
    Path socket = directory.resolve("run/control.sock");
    try (ControlServer server = start(socket);
        LineClient client = new LineClient(socket)) {
      client.send(PING);

      assertThat(client.receive()).isEqualTo(PONG);
      assertThat(server.path()).isEqualTo(socket);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-rw----");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve("run"))))
          .isEqualTo("rwxr-x---");
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void answersManyLinesInOneWriteAndALineInManyWrites() throws Exception {
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      client.send(PING + "\n" + PING);
      assertThat(client.receive()).isEqualTo(PONG);
      assertThat(client.receive()).isEqualTo(PONG);
      for (int i = 0; i < PING.length(); i++) {
        client.send(PING.substring(i, i + 1));
      }
      assertThat(client.receive()).isEqualTo(PONG);
    }
  }

  @Test
  void answersWhatWasAskedBeforeTheEndOfInput() throws Exception {
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      client.send(PING);
      client.endInput();

      assertThat(client.receive()).isEqualTo(PONG);
      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void answersAQuickRequestWhileASlowOneIsUnderWay() throws Exception {
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      client.send("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"slow\"}\n" + PING);

      assertThat(client.receive()).isEqualTo(PONG);
      slowMayGoOn.countDown();
      assertThat(client.receive()).contains("\"id\":0");
    }
  }

  @Test
  void acceptsTheLongestLineAndRefusesOneByteMore() throws Exception {
    String longest = PING.strip() + " ".repeat(1_000 - PING.strip().length());
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      client.send(longest + "\n");
      assertThat(client.receive()).isEqualTo(PONG);

      client.send(longest + " ");
      assertThat(client.receive())
          .contains("\"type\":\"too_large\"")
          .contains("a line has at most 1000 bytes");
      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void tellsAConnectionThatSaysNothingAndClosesIt() throws Exception {
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      deadlines.pass(LIMITS.firstLineTimeout());

      assertThat(client.receive()).contains("\"type\":\"rate_limited\"").contains("60 s");
      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void givesAConnectionThatHasSpokenAllTheTimeItWants() throws Exception {
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      client.send(PING);
      assertThat(client.receive()).isEqualTo(PONG);

      assertThat(deadlines.count(LIMITS.firstLineTimeout())).isZero();
    }
  }

  @Test
  void givesUpOnACallerThatDoesNotRead() throws Exception {
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (true) {
                    client.send(PING.repeat(100));
                  }
                } catch (IOException _) {
                  // The server closed, which is what the test waits for.
                }
              });
      while (sender.isAlive()) {
        deadlines.pass(LIMITS.writeTimeout());
        sender.join(Duration.ofMillis(100));
      }
    }
  }

  @Test
  void tellsASenderThatDoesNotFinishItsLine() throws Exception {
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      client.send(PING + "{\"jsonrpc\"");
      assertThat(client.receive()).isEqualTo(PONG);
      deadlines.pass(LIMITS.firstLineTimeout());

      assertThat(client.receive())
          .contains("\"type\":\"rate_limited\"")
          .contains("end of the line");
      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void letsAQuickLineHaveNoDeadline() throws Exception {
    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      for (int i = 0; i < 3; i++) {
        client.send(PING.substring(0, 10));
        client.send(PING.substring(10));
        assertThat(client.receive()).isEqualTo(PONG);
      }
      assertThat(deadlines.count(LIMITS.firstLineTimeout())).isZero();
    }
  }

  @Test
  void givesTheRoomOfASilentConnectionToOneThatAsks() throws Exception {
    try (ControlServer _ = start();
        LineClient silent = new LineClient(socket());
        LineClient second = new LineClient(socket());
        LineClient third = new LineClient(socket())) {
      for (LineClient client : List.of(second, third)) {
        client.send(PING);
        assertThat(client.receive()).isEqualTo(PONG);
      }
      try (LineClient fourth = new LineClient(socket())) {
        fourth.send(PING);

        assertThat(fourth.receive()).isEqualTo(PONG);
        assertThat(silent.receive()).contains("\"type\":\"rate_limited\"").contains("too many");
        assertThat(silent.receive()).isNull();
      }
    }
  }

  @Test
  void boundsTheConnectionsOfOneUserThatIsNotRoot() throws Exception {
    ControlLimits limits =
        new ControlLimits(1_000, Duration.ofSeconds(60), Duration.ofSeconds(10), 10, 2, 2, 100_000);
    CallerIdentity reader = _ -> new Caller("reader", Role.READER);
    try (ControlServer _ =
            ControlServer.start(bind(socket()), reader, dispatcher(), limits, deadlines);
        LineClient first = new LineClient(socket());
        LineClient second = new LineClient(socket())) {
      for (LineClient client : List.of(first, second)) {
        client.send(PING);
        assertThat(client.receive()).isEqualTo(PONG);
      }
      try (LineClient third = new LineClient(socket())) {
        assertThat(third.receive()).contains("user reader has 2 connections already");
        assertThat(third.receive()).isNull();
      }
      second.send(PING);
      assertThat(second.receive()).isEqualTo(PONG);
    }
  }

  /** Virtual memory, descriptors and threads: all bounded by the limit, whoever comes is served. */
  @Test
  void answersWhileTenThousandConnectionsCome() throws Exception {
    ControlLimits limits = ControlLimits.standard();
    try (ControlServer _ =
        ControlServer.start(bind(socket()), identity(), dispatcher(), limits, deadlines)) {
      Deque<LineClient> crowd = new ArrayDeque<>();
      try {
        for (int i = 0; i < 10_000; i++) {
          crowd.add(new LineClient(socket()));
          if (crowd.size() > 2_000) {
            crowd.remove().close();
          }
          if (i % 500 == 0) {
            try (LineClient client = new LineClient(socket())) {
              client.send(PING);
              assertThat(client.receive()).as("after %d", i).isEqualTo(PONG);
            }
          }
        }
      } finally {
        for (LineClient client : crowd) {
          client.close();
        }
      }
      try (LineClient client = new LineClient(socket())) {
        client.send(PING);
        assertThat(client.receive()).isEqualTo(PONG);
      }
    }
  }

  @Test
  void holdsUnreadRepliesWithinBounds() throws Exception {
    try (ControlServer _ = start();
        LineClient modest = new LineClient(socket())) {
      Thread sender;
      try (LineClient greedy = new LineClient(socket())) {
        // Far more replies than the limit and the socket together hold; the sender is stopped.
        sender =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    greedy.send(PING.repeat(50_000));
                  } catch (IOException _) {
                    // Hung up on at the end of the test.
                  }
                });
        assertThat(sender.join(Duration.ofMillis(300))).isFalse();
      }
      sender.join();

      modest.send(PING);
      assertThat(modest.receive()).isEqualTo(PONG);
    }
  }

  @Test
  void tellsTheOneConnectionTooMany() throws Exception {
    try (ControlServer _ = start();
        LineClient first = new LineClient(socket());
        LineClient second = new LineClient(socket());
        LineClient third = new LineClient(socket())) {
      for (LineClient client : List.of(first, second, third)) {
        client.send(PING);
        assertThat(client.receive()).isEqualTo(PONG);
      }
      try (LineClient fourth = new LineClient(socket())) {
        assertThat(fourth.receive()).contains("\"type\":\"rate_limited\"");
        assertThat(fourth.receive()).isNull();
      }
      first.send(PING);
      assertThat(first.receive()).isEqualTo(PONG);
    }
  }

  @Test
  void tellsAStrangerAndClosesBeforeReadingAnything() throws Exception {
    ControlSocketFile file = bind(socket());
    CallerIdentity nobody =
        _ -> {
          throw new RequestException(ErrorType.PERMISSION_DENIED, "user eve may not");
        };
    try (ControlServer _ = ControlServer.start(file, nobody, dispatcher(), LIMITS, deadlines);
        LineClient client = new LineClient(socket())) {
      assertThat(client.receive())
          .isEqualTo(
              "{\"jsonrpc\":\"2.0\",\"id\":null,\"success\":false,\"error\":{\"code\":-32004,"
                  + "\"message\":\"user eve may not\",\"data\":{\"type\":\"permission_denied\"},"
                  + "\"type\":\"permission_denied\"}}");
      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void letsAReaderLookButNotChange() throws Exception {
    ControlSocketFile file = bind(socket());
    CallerIdentity reader = _ -> new Caller("reader", Role.READER);
    try (ControlServer _ = ControlServer.start(file, reader, dispatcher(), LIMITS, deadlines);
        LineClient client = new LineClient(socket())) {
      client.send(PING);
      assertThat(client.receive()).isEqualTo(PONG);
      client.send("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"slow\"}\n");
      assertThat(client.receive()).contains("permission_denied").contains("administrator");
    }
  }

  @Test
  void refusesTheSocketOfARunningAgent() throws Exception {
    try (ControlServer _ = start()) {
      assertThatThrownBy(this::start)
          .isInstanceOf(ControlSocketException.class)
          .hasMessageContaining("another agent answers on " + socket());
      try (LineClient client = new LineClient(socket())) {
        client.send(PING);
        assertThat(client.receive()).isEqualTo(PONG);
      }
    }
  }

  @Test
  void replacesTheSocketOfADeadAgent() throws Exception {
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(socket()));
    dead.close();
    assertThat(socket()).exists();

    try (ControlServer _ = start();
        LineClient client = new LineClient(socket())) {
      client.send(PING);
      assertThat(client.receive()).isEqualTo(PONG);
    }
  }

  @Test
  void refusesAFileInPlaceOfTheSocket() throws Exception {
    Files.writeString(socket(), "precious");

    assertThatThrownBy(this::start)
        .isInstanceOf(ControlSocketException.class)
        .hasMessageContaining("is no socket");
    assertThat(socket()).hasContent("precious");
  }

  @Test
  void refusesALinkInPlaceOfTheSocket() throws Exception {
    Path elsewhere = directory.resolve("elsewhere.sock");
    Files.createSymbolicLink(socket(), elsewhere);

    assertThatThrownBy(this::start)
        .isInstanceOf(ControlSocketException.class)
        .hasMessageContaining("is no socket");
    assertThat(elsewhere).doesNotExist();
  }

  @Test
  void refusesALinkInPlaceOfTheDirectory() throws Exception {
    Path link = directory.resolve("link");
    Files.createSymbolicLink(link, Files.createDirectory(directory.resolve("target")));

    assertThatThrownBy(() -> start(link.resolve("control.sock")))
        .isInstanceOf(ControlSocketException.class)
        .hasMessageContaining("is a link or no directory");
  }

  @Test
  void refusesADirectoryThatOthersMayWrite() throws Exception {
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> start(open.resolve("control.sock")))
        .isInstanceOf(ControlSocketException.class)
        .hasMessageContaining("others may write")
        .hasMessageContaining("chmod go-w");
  }

  @Test
  void leavesASocketAloneThatIsNotItsOwnAnyMore() throws Exception {
    ControlServer server = start();
    Files.delete(socket());
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(socket()));

      server.close();

      assertThat(socket()).exists();
    }
  }

  @Test
  void endsOpenConnectionsWhenItCloses() throws Exception {
    ControlServer server = start();
    try (LineClient client = new LineClient(socket())) {
      client.send(PING);
      assertThat(client.receive()).isEqualTo(PONG);

      server.close();

      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void servesTheSocketOfAServiceManagerAndLeavesItThere() throws Exception {
    try (ServerSocketChannel given = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      given.bind(UnixDomainSocketAddress.of(socket()));
      ControlSocketFile file = ControlSocketFile.inherited(given);
      ControlServer server = ControlServer.start(file, identity(), dispatcher(), LIMITS, deadlines);
      try (LineClient client = new LineClient(socket())) {
        client.send(PING);
        assertThat(client.receive()).isEqualTo(PONG);
        server.close();
        assertThat(client.receive()).isNull();
      }
      assertThat(socket()).exists();
      assertThat(given.isOpen()).isTrue();
    }
  }

  private Path socket() {
    return directory.resolve("control.sock");
  }

  private ControlServer start() throws ControlSocketException {
    return start(socket());
  }

  private ControlServer start(Path path) throws ControlSocketException {
    return ControlServer.start(bind(path), identity(), dispatcher(), LIMITS, deadlines);
  }

  private static ControlSocketFile bind(Path path) throws ControlSocketException {
    return ControlSocketFile.bind(path, List.of(), SocketAccess.NONE);
  }

  private static CallerIdentity identity() {
    try {
      return SocketCredentials.of(
          "root", Groups.NONE, Accounts.NONE, PeerCredentials.NONE, System::nanoTime);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Dispatcher dispatcher() {
    JsonCodec codec = new JsonCodec(LIMITS.maxLineBytes());
    return new Dispatcher(
        codec,
        List.of(
            new JsonRpcDialect(
                new MethodTable(
                    List.of(new PingMethod(), new SlowMethod()),
                    codec,
                    RateLimits.standard(System::nanoTime),
                    ChangeLog.NONE,
                    RequestObserver.NONE))),
        RequestObserver.NONE);
  }

  private final class SlowMethod implements ControlMethod {
    @Override
    public String name() {
      return "slow";
    }

    @Override
    public Role role() {
      return Role.ADMIN;
    }

    @Override
    public Object call(ObjectNode params, Caller caller) {
      try {
        slowMayGoOn.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      return new PingMethod.Pong(false);
    }
  }
}
