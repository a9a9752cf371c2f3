package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Fetches secret keys from where the configuration says. Any thread. */
public final class KeyReader {
  private final Map<String, String> environment;

  /** A reader of keys. {@code environment} holds the process's variables. */
  public KeyReader(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * The key, in {@code arena}; the caller closes it.
   *
   * @throws UnusableKeyException saying what is wrong, without quoting the key
   */
  public SecretKey read(KeySource source, KeyArena arena) throws UnusableKeyException {
    return switch (source) {
      case KeySource.File file -> new KeyFile(file.path(), false).read(arena);
      case KeySource.Environment variable -> fromEnvironment(variable, arena);
      case KeySource.Credential credential -> fromCredential(credential, arena);
    };
  }

  /** Whether {@link #generateIfMissing} would make a key. */
  public boolean wouldGenerate(KeySource source) {
    return source instanceof KeySource.File file
        && file.generate()
        && new KeyFile(file.path(), false).isMissing();
  }

  /**
   * Makes the key file with a new key where the configuration asks for that and nothing stands
   * there.
   *
   * @return whether a key was made
   * @throws UnusableKeyException if the file cannot be written
   */
  public boolean generateIfMissing(KeySource source, KeyArena arena, EntropySource entropy)
      throws UnusableKeyException {
    if (!(source instanceof KeySource.File file) || !wouldGenerate(source)) {
      return false;
    }
    try (SecretKey key = arena.allocate()) {
      entropy.fill(key.bytes());
      key.clamp();
      new KeyFile(file.path(), false).generateIfMissing(key);
      return true;
    }
  }

  private SecretKey fromEnvironment(KeySource.Environment source, KeyArena arena)
      throws UnusableKeyException {
    String value = environment.get(source.variable());
    if (value == null) {
      throw new UnusableKeyException(
          ProblemReason.KEY_MISSING,
          source.describe() + " is not set",
          "set it to a key in base64, or use a key file");
    }
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    try {
      // 32 characters in a variable are a truncated key, never raw bytes.
      if (text.length == SecretKey.BYTES) {
        throw new UnusableKeyException(
            ProblemReason.KEY_MALFORMED,
            source.describe() + " does not hold a key",
            "it must be the 44 characters that \"wg-agent genkey\" prints");
      }
      return KeyFile.parse(text, text.length, source.describe(), arena);
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  private SecretKey fromCredential(KeySource.Credential source, KeyArena arena)
      throws UnusableKeyException {
    String directory = environment.get("CREDENTIALS_DIRECTORY");
    try {
      if (directory != null && Path.of(directory).isAbsolute()) {
        return new KeyFile(Path.of(directory).resolve(source.name()), true).read(arena);
      }
    } catch (InvalidPathException _) {
      // As good as no directory.
    }
    throw new UnusableKeyException(
        ProblemReason.KEY_MISSING,
        source.describe() + " is not there: this process was given no credentials",
        "add LoadCredential=" + source.name() + ":FILE to the unit, or use a key file");
  }
}
