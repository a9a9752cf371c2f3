package cloud.runbeam.wgagent.platform.linux.service;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.platform.linux.ffi.SeldomLibC;
import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class SystemdNotifierTest {
  @TempDir private Path directory;

  @Test
  void tellsAListenerOnAPath() {
    Path path = directory.resolve("notify");
    try (Listener listener = new Listener(path.toString())) {
      SystemdNotifier notifier = new SystemdNotifier(path.toString(), () -> 123L);

      notifier.ready("2 networks\nup");
      assertThat(listener.receive()).isEqualTo("READY=1\nSTATUS=2 networks up");
      notifier.status("fine");
      assertThat(listener.receive()).isEqualTo("STATUS=fine");
      notifier.reloading();
      assertThat(listener.receive()).isEqualTo("RELOADING=1\nMONOTONIC_USEC=123");
      notifier.stopping();
      assertThat(listener.receive()).isEqualTo("STOPPING=1");
      assertThat(notifier.isListening()).isTrue();
    }
  }

  @Test
  void tellsAListenerInTheAbstractNamespace() {
    String name = "@wg-agent-test-" + ProcessHandle.current().pid();
    try (Listener listener = new Listener(name)) {
      new SystemdNotifier(name, () -> 0L).stopping();

      assertThat(listener.receive()).isEqualTo("STOPPING=1");
    }
  }

  @Test
  void feedsTheWatchdogThatIsMeantForThisProcess() {
    Path path = directory.resolve("notify");
    Map<String, String> environment =
        Map.of("NOTIFY_SOCKET", path.toString(), "WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "42");
    try (Listener listener = new Listener(path.toString())) {
      SystemdNotifier ours = SystemdNotifier.of(environment, 42, () -> 0L);
      assertThat(ours.watchdog()).contains(Duration.ofSeconds(30));
      ours.alive();
      assertThat(listener.receive()).isEqualTo("WATCHDOG=1");
    }
    assertThat(SystemdNotifier.of(environment, 43, () -> 0L).watchdog()).isEmpty();
    assertThat(SystemdNotifier.of(Map.of("WATCHDOG_USEC", "1000"), 42, () -> 0L).watchdog())
        .isEmpty();
    assertThat(
            SystemdNotifier.of(Map.of("NOTIFY_SOCKET", "@x", "WATCHDOG_USEC", "-1"), 1, () -> 0L)
                .watchdog())
        .isEmpty();
  }

  @Test
  void doesNothingWhenNobodyListensAnyMore() {
    SystemdNotifier notifier = new SystemdNotifier(directory.resolve("gone").toString(), () -> 0L);

    notifier.ready("alone");

    assertThat(notifier.isListening()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@", "relative/path", "vsock:2:1234"})
  void takesWhatIsNoSocketAddressForNone(String socket) {
    assertThat(new SystemdNotifier(socket, () -> 0L).isListening()).isFalse();
  }

  @Test
  void takesANameLongerThanAnAddressForNone() {
    assertThat(new SystemdNotifier("/" + "x".repeat(107), () -> 0L).isListening()).isFalse();
    assertThat(new SystemdNotifier("/" + "x".repeat(106), () -> 0L).isListening()).isTrue();
    assertThat(new SystemdNotifier(null, () -> 0L).isListening()).isFalse();
  }

  /** The service manager's end. */
  private static final class Listener implements AutoCloseable {
    interface Calls extends Library {
      Calls LIBRARY = Native.load("c", Calls.class);

      int bind(int socket, byte[] address, int length) throws LastErrorException;

      NativeLong recv(int socket, byte[] buffer, NativeLong length, int flags)
          throws LastErrorException;
    }

    private final int socket;

    Listener(String name) {
      socket = SeldomLibC.get().socket(SeldomLibC.AF_UNIX, SeldomLibC.SOCK_DGRAM_CLOEXEC, 0);
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      byte[] address = new byte[2 + text.length];
      address[0] = SeldomLibC.AF_UNIX;
      System.arraycopy(text, 0, address, 2, text.length);
      if (name.startsWith("@")) {
        address[2] = 0;
      }
      Calls.LIBRARY.bind(socket, address, address.length);
    }

    String receive() {
      byte[] buffer = new byte[4096];
      int length = Calls.LIBRARY.recv(socket, buffer, new NativeLong(buffer.length), 0).intValue();
      return new String(buffer, 0, length, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
      SeldomLibC.get().close(socket);
    }
  }
}
