package cloud.runbeam.wgagent.app.control;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that gets its socket as descriptor 3, as systemd passes it. */
@Timeout(60)
class ActivationIT {
  /** Listens, then becomes its other arguments with the socket at descriptor 3. */
  private static final String SERVICE_MANAGER =
      "use IO::Socket::UNIX; use POSIX;"
          + " my $s = IO::Socket::UNIX->new(Local => shift, Listen => 5) or die $!;"
          + " POSIX::dup2(fileno($s), 3); $^F = 3;"
          + " open(my $kept, '<&=', 3);"
          + " $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$; exec @ARGV;";

  @TempDir private Path directory;

  @Test
  void takesTheSocketOver() throws Exception {
    Path socket = directory.resolve("control.sock");
    Process process =
        new ProcessBuilder(
                "perl",
                "-e",
                SERVICE_MANAGER,
                socket.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Greeter.class.getName())
            .redirectError(new File("/dev/null"))
            .start();
    try (BufferedReader output = process.inputReader()) {
      assertThat(output.readLine()).isEqualTo("listening on " + socket);
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        ByteBuffer greeting = ByteBuffer.allocate(16);
        client.read(greeting);
        assertThat(new String(greeting.array(), 0, greeting.position(), StandardCharsets.UTF_8))
            .isEqualTo("hello");
      }
      assertThat(output.readLine()).isEqualTo("done");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** The process that is started. */
  static final class Greeter {
    private Greeter() {}

    public static void main(String[] arguments) throws Exception {
      PlatformPlugin platform =
          ServiceLoader.load(PlatformPlugin.class).stream()
              .map(ServiceLoader.Provider::get)
              .filter(plugin -> plugin.name().equals("linux"))
              .findFirst()
              .orElseThrow();
      ServerSocketChannel socket = platform.inheritedSockets().control().orElseThrow();
      System.out.println("listening on " + ControlSocketFile.inherited(socket).path());
      greet(socket);
      System.out.println("done");
    }

    private static void greet(ServerSocketChannel socket) throws IOException {
      try (SocketChannel client = socket.accept()) {
        client.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
      }
    }
  }
}
