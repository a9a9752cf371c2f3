package cloud.runbeam.wgagent.app.uapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UapiListenerTest {
  @TempDir Path temporary;

  private static void echo(InputStream in, OutputStream out) throws IOException {
    in.transferTo(out);
  }

  private Path directory() {
    return temporary.resolve("wireguard");
  }

  private static String talk(Path socket, String text) throws IOException {
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.connect(UnixDomainSocketAddress.of(socket));
      client.write(StandardCharsets.UTF_8.encode(text));
      client.shutdownOutput();
      ByteBuffer answer = ByteBuffer.allocate(1_024);
      while (client.read(answer) >= 0) {
        // Until the end of the stream.
      }
      return StandardCharsets.UTF_8.decode(answer.flip()).toString();
    }
  }

  @Test
  void servesConnectionsSideBySide() throws Exception {
    try (UapiListener listener = UapiListener.open(directory(), "wg0", UapiListenerTest::echo);
        SocketChannel silent = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.connect(UnixDomainSocketAddress.of(listener.socket()));

      assertThat(talk(listener.socket(), "get=1\n\n")).isEqualTo("get=1\n\n");
    }
  }

  @Test
  void onlyTheOwnerMayConnect() throws Exception {
    try (UapiListener listener = UapiListener.open(directory(), "wg0", UapiListenerTest::echo)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
          .isEqualTo("rwx------");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(listener.socket())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void refusesADirectoryThatOthersMayWrite() throws Exception {
    Files.createDirectory(directory());
    Files.setPosixFilePermissions(directory(), PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> UapiListener.open(directory(), "wg0", UapiListenerTest::echo))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("others may write")
        .hasMessageContaining("chmod go-w " + directory());
  }

  @Test
  void refusesASocketOnWhichSomebodyAnswers() throws Exception {
    try (UapiListener first = UapiListener.open(directory(), "wg0", UapiListenerTest::echo)) {
      assertThatThrownBy(() -> UapiListener.open(directory(), "wg0", UapiListenerTest::echo))
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining(first.socket().toString())
          .hasMessageContaining("another process answers");
      assertThat(talk(first.socket(), "still")).isEqualTo("still");
    }
  }

  @Test
  void replacesASocketOnWhichNobodyAnswers() throws Exception {
    Files.createDirectory(
        directory(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path socket = UapiListener.socketPath(directory(), "wg0");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();

    try (UapiListener listener = UapiListener.open(directory(), "wg0", UapiListenerTest::echo)) {
      assertThat(talk(listener.socket(), "x")).isEqualTo("x");
    }
  }

  @Test
  void refusesToReplaceWhatIsNoSocket() throws Exception {
    Files.createDirectory(
        directory(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path precious = temporary.resolve("precious");
    Files.writeString(precious, "data");
    Files.createSymbolicLink(UapiListener.socketPath(directory(), "wg0"), precious);

    assertThatThrownBy(() -> UapiListener.open(directory(), "wg0", UapiListenerTest::echo))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("not a socket");
    assertThat(precious).hasContent("data");
  }

  @Test
  void removesItsSocketWhenClosedAndCutsConnections() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    UapiListener listener =
        UapiListener.open(
            directory(),
            "wg0",
            (in, out) -> {
              try {
                in.transferTo(out);
              } finally {
                ended.countDown();
              }
            });
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.connect(UnixDomainSocketAddress.of(listener.socket()));
      client.write(ByteBuffer.wrap(new byte[] {1}));
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(1);

      listener.close();
      listener.close();

      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(listener.socket()).doesNotExist();
      assertThat(listener.removed()).isNotDone();
    }
  }

  @Test
  void noticesThatItsSocketWasRemoved() throws Exception {
    try (UapiListener listener = UapiListener.open(directory(), "wg0", UapiListenerTest::echo)) {
      Files.delete(listener.socket());

      listener.removed().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void leavesASocketThatIsNoLongerItsOwn() throws Exception {
    UapiListener first = UapiListener.open(directory(), "wg0", UapiListenerTest::echo);
    Files.delete(first.socket());
    first.removed().get(10, TimeUnit.SECONDS);
    try (UapiListener second = UapiListener.open(directory(), "wg0", UapiListenerTest::echo)) {
      first.close();

      assertThat(talk(second.socket(), "mine")).isEqualTo("mine");
    }
  }
}
