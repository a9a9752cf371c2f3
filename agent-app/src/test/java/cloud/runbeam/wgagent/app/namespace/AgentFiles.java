package cloud.runbeam.wgagent.app.namespace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** What an agent finds on disk: its configuration, its key, and a place for state and socket. */
final class AgentFiles {
  private final Path directory;
  private final String publicKey;

  /** Makes a fresh key in {@code directory}. */
  AgentFiles(Path directory) throws IOException {
    this.directory = directory;
    String privateKey = Shell.run("wg", "genkey").strip();
    Files.createFile(
        key(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(key(), privateKey);
    this.publicKey = Shell.execute(privateKey, "wg", "pubkey").expectSuccess().strip();
  }

  /** The private key, 0600. */
  Path key() {
    return directory.resolve("private.key");
  }

  String publicKey() {
    return publicKey;
  }

  /** The control socket's path. */
  Path socket() {
    return directory.resolve("run/control.sock");
  }

  /** The configuration file. */
  Path config() {
    return directory.resolve("config.toml");
  }

  /**
   * Writes the configuration: {@code networks} behind an {@code [agent]} table that stays in this
   * directory.
   */
  void writeConfig(String networks) throws IOException {
    Files.writeString(
        config(),
        """
        [agent]
        state_dir = "%s"
        [agent.control]
        socket = "%s"

        """
                .formatted(directory.resolve("state"), socket())
            + networks);
  }
}
