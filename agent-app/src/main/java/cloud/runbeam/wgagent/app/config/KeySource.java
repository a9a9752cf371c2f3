package cloud.runbeam.wgagent.app.config;

import java.nio.file.Path;

/** Where a secret key comes from; never the key itself. */
public sealed interface KeySource {
  /** Full path of the configuration key that says so. */
  String key();

  /** Where it says so. */
  Position position();

  /** What is named, for messages. */
  String describe();

  /**
   * A file of its own.
   *
   * @param path absolute
   * @param generate whether a missing file is made, with a new key
   */
  record File(Path path, boolean generate, String key, Position position) implements KeySource {
    @Override
    public String describe() {
      return "key file " + path;
    }
  }

  /**
   * An environment variable that holds base64.
   *
   * @param variable its name
   */
  record Environment(String variable, String key, Position position) implements KeySource {
    @Override
    public String describe() {
      return "environment variable " + variable;
    }
  }

  /**
   * A credential that systemd passes in {@code $CREDENTIALS_DIRECTORY}.
   *
   * @param name its name, without path
   */
  record Credential(String name, String key, Position position) implements KeySource {
    @Override
    public String describe() {
      return "systemd credential " + name;
    }
  }
}
