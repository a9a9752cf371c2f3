package cloud.runbeam.wgagent.app.control;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.tunnel.FakePlatform;
import cloud.runbeam.wgagent.app.wiring.TestAgent;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes of other users: {@code daemon} is in an admin group, {@code bin} in a reader
 * group, {@code nobody} in none. Needs root.
 */
@Timeout(120)
class CallersIT {
  private static final String LIST = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"list\"}";

  /** Sends its second argument, then shows all that comes until the end. */
  private static final String CLIENT =
      "use IO::Socket::UNIX; $SIG{PIPE} = 'IGNORE';"
          + " my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die \"refused: $!\\n\";"
          + " $s->autoflush(1); print $s $ARGV[1]; shutdown($s, 1);"
          + " while (<$s>) { print }";

  @TempDir private Path directory;

  private @Nullable TestAgent agent;

  @BeforeEach
  void startAgent() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path keys = Files.createDirectory(directory.resolve("keys"));
    KeyFixtures.write(keys.resolve("api.key"), KeyFixtures.base64("test key api"), "rw-------");
    PlatformPlugin real =
        ServiceLoader.load(PlatformPlugin.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(platform -> platform.name().equals("linux"))
            .findFirst()
            .orElseThrow();
    FakePlatform platform = new FakePlatform();
    platform.takeCallersFrom(real);
    agent =
        TestAgent.start(
            directory,
            "admin_groups = [\"no-such-group\", \"daemon\"]\nreader_groups = [\"bin\"]",
            """
            [network.default]
            interface = "wg0"
            private_key_path = "private.key"
            """,
            platform);
  }

  @AfterEach
  void stopAgent() {
    if (agent != null) {
      agent.close();
    }
  }

  @Test
  void letsEachUserDoWhatItsGroupMay() throws Exception {
    PosixFileAttributes socket = Files.readAttributes(socket(), PosixFileAttributes.class);
    assertThat(socket.group().getName()).isEqualTo("daemon");
    assertThat(PosixFilePermissions.toString(socket.permissions())).isEqualTo("rw-rw----");
    assertThat(as("nobody", LIST + "\n")).isEqualTo("refused: Permission denied\n");

    assertThat(as("bin", LIST + "\n")).contains("\"network\":\"default\"");
    assertThat(as("bin", "{\"action\":\"disconnect\"}\n")).contains("permission_denied");
    assertThat(as("bin", "{\"action\":\"status\"}\n")).contains("\"state\":\"active\"");

    assertThat(as("daemon", "{\"action\":\"disconnect\"}\n")).contains("\"state\":\"stopped\"");
    assertThat(as("root", "{\"action\":\"connect\"}\n")).contains("\"state\":\"active\"");
    String log = Files.readString(agent().state().resolve("audit.log"));
    assertThat(log.lines())
        .satisfiesExactly(
            refused ->
                assertThat(refused).contains("\"user\":\"bin\",\"uid\":2", "permission_denied"),
            done ->
                assertThat(done)
                    .containsPattern(
                        "\"user\":\"daemon\",\"uid\":1,\"gid\":1,\"pid\":[0-9]+,\"executable\":\"/usr/bin/perl")
                    .contains("\"method\":\"disconnect\"", "\"network\":\"default\"", "\"done\""),
            done -> assertThat(done).contains("\"user\":\"root\",\"uid\":0"));
  }

  @Test
  void tellsAStrangerOneLineWhateverItAsks() throws Exception {
    Files.setPosixFilePermissions(socket(), PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThat(as("nobody", (LIST + "\n").repeat(50)).lines())
        .singleElement()
        .asString()
        .contains("\"type\":\"permission_denied\"")
        .contains("user nobody");
    assertThat(as("nobody", "x".repeat(100_000)).lines()).hasSize(1);
  }

  @Test
  void refusesAKeyElsewhereInTheSameWordsWhetherOrNotItExists() throws Exception {
    String there = as("daemon", connect("/etc/shadow"));
    String nowhere = as("daemon", connect("/etc/no-such-file"));
    String links = as("daemon", connect(link(directory.resolve("private.key"))));
    String dangling = as("daemon", connect(link(directory.resolve("no-such.key"))));

    assertThat(List.of(there, nowhere, links, dangling))
        .allSatisfy(reply -> assertThat(reply).isEqualTo(there))
        .allSatisfy(
            reply -> assertThat(reply).contains("permission_denied", "only name key files"));
    assertThat(as("daemon", connect(directory.resolve("keys/api.key").toString())))
        .contains("\"state\":\"active\"");
    assertThat(as("root", "{\"action\":\"disconnect\",\"network\":\"api\"}\n")).contains("stopped");
    assertThat(as("root", connect(directory.resolve("private.key").toString())))
        .contains("\"state\":\"active\"");
  }

  private int links;

  private String link(Path target) throws IOException {
    Path link = directory.resolve("keys/link" + links++);
    return Files.createSymbolicLink(link, target).toString();
  }

  private static String connect(String key) {
    return "{\"id\":\"1\",\"action\":\"connect\",\"network\":\"api\",\"config\":{\"interface\":\"wg5\","
        + "\"privateKeyPath\":\""
        + key
        + "\"}}\n";
  }

  /** What a process of {@code user} is told, and what it says itself when it cannot connect. */
  private String as(String user, String request) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + (user.equals("nobody") ? "nogroup" : user),
                "--init-groups",
                "perl",
                "-e",
                CLIENT,
                socket().toString(),
                request)
            .redirectErrorStream(true)
            .start();
    try (InputStream output = process.getInputStream()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  private Path socket() {
    return agent().socket();
  }

  private TestAgent agent() {
    return Objects.requireNonNull(agent);
  }
}
