package cloud.runbeam.wgagent.app.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code up}, started as root with {@code user} in {@code [agent]}. */
@SuppressWarnings("NullAway.Init")
final class PrivilegesIT {
  private static final String USER = "nobody";

  @TempDir private Path directory;

  private NetnsPair pair;
  private Path config;

  @BeforeEach
  void configure() throws Exception {
    pair = new NetnsPair();
    // The other user comes through here.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path key = directory.resolve("private.key");
    Files.createFile(
        key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(key, Shell.run("wg", "genkey").strip());
    Shell.run("chown", USER, key.toString());
    config = directory.resolve("config.toml");
  }

  @AfterEach
  void close() {
    pair.close();
  }

  @Test
  void everyThreadOfAnAgentStartedAsRootHasOneCapability() throws Exception {
    writeConfig(USER);
    NetnsPair.Started agent = start();
    await()
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .until(() -> {
          assertThat(agent.process().isAlive()).as(agent.output()).isTrue();
          return agent.output().contains(" ready; ");
        });

    long pid = agent.process().pid();
    String user = Shell.run("id", "-u", USER).strip();
    List<String> threads = statusOfThreads(pid);
    assertThat(threads).hasSizeGreaterThan(10);
    assertThat(threads)
        .allSatisfy(status ->
            assertThat(status)
                .containsPattern("(?m)^Uid:(\\s+" + user + "){4}$")
                .containsPattern("(?m)^CapEff:\\s+0000000000001000$")
                .containsPattern("(?m)^CapPrm:\\s+0000000000001000$")
                .containsPattern("(?m)^CapBnd:\\s+0000000000001000$")
                .containsPattern("(?m)^NoNewPrivs:\\s+1$")
                .containsPattern("(?m)^Seccomp:\\s+2$"));
    assertThat(agent.output())
        .contains(
            "running as user " + user + ", CAP_NET_ADMIN, no new privileges, system call filter");
    assertThat(pair.hasLink(pair.a(), pair.device("a"))).isTrue();
    assertThat(Files.getOwner(directory.resolve("wg-agent-run")).getName()).isEqualTo(USER);

    Shell.run("kill", "-TERM", String.valueOf(pid));
    assertThat(agent.awaitEnd()).as(agent.output()).isZero();
    assertThat(pair.hasLink(pair.a(), pair.device("a"))).isFalse();
  }

  @Test
  void saysWhatToDoAboutAUserThatDoesNotExist() throws Exception {
    writeConfig("no-such-user");

    NetnsPair.Started agent = start();

    assertThat(agent.awaitEnd()).isEqualTo(1);
    assertThat(agent.output())
        .contains("cannot run as user no-such-user: there is no such user: create it (useradd");
  }

  private NetnsPair.Started start() throws IOException {
    // The build's directory may be closed to others.
    Path jar = directory.resolve("wg-agent.jar");
    Files.copy(InstalledAgent.jar(), jar);
    return pair.start(
        pair.a(),
        InstalledAgent.java(),
        "-jar",
        jar.toString(),
        "up",
        "--config",
        config.toString());
  }

  private void writeConfig(String user) throws IOException {
    Files.writeString(
        config,
        """
        [agent]
        state_dir = "%1$s/wg-agent-state"
        user = "%2$s"
        [agent.control]
        socket = "%1$s/wg-agent-run/control.sock"
        [network.default]
        interface = "%3$s"
        address = "192.168.177.1/24"
        private_key_path = "%1$s/private.key"
        """
            .formatted(directory, user, pair.device("a")));
  }

  private static List<String> statusOfThreads(long pid) throws IOException {
    List<String> result = new ArrayList<>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", String.valueOf(pid), "task"))) {
      for (Path task : tasks) {
        result.add(Files.readString(task.resolve("status")));
      }
    }
    return result;
  }
}
