package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** {@code genkey} and {@code genpsk}: a new key on standard output, as {@code wg} prints it. */
abstract sealed class GenerateKeyVerb implements Verb {
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("------rwx");
  private static final Path STANDARD_OUTPUT = Path.of("/dev/stdout");

  private final Terminal terminal;

  GenerateKeyVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  /** {@code genkey}. */
  static final class PrivateKey extends GenerateKeyVerb {
    PrivateKey(Terminal terminal) {
      super(terminal);
    }

    @Override
    public VerbSyntax syntax() {
      return VerbSyntax.bare("genkey", "Print a new private key.");
    }

    @Override
    void shape(SecretKey key) {
      key.clamp();
    }
  }

  /** {@code genpsk}. */
  static final class PresharedKey extends GenerateKeyVerb {
    PresharedKey(Terminal terminal) {
      super(terminal);
    }

    @Override
    public VerbSyntax syntax() {
      return VerbSyntax.bare("genpsk", "Print a new preshared key.");
    }

    @Override
    void shape(SecretKey key) {
      // Any 32 bytes are a preshared key.
    }
  }

  /** Makes random bytes a key of its kind. */
  abstract void shape(SecretKey key);

  @Override
  public int run(Arguments arguments) throws PlatformException {
    PlatformPlugin platform = InstalledPlatform.find();
    warnIfOthersCanRead();
    try (KeyArena arena = new KeyArena(platform.memoryGuard(), 1);
        SecretKey key = arena.allocate()) {
      platform.entropy().fill(key.bytes());
      shape(key);
      KeyText.print(key, terminal.out());
    }
    return 0;
  }

  private void warnIfOthersCanRead() {
    try {
      if (Files.isRegularFile(STANDARD_OUTPUT)
          && Files.getPosixFilePermissions(STANDARD_OUTPUT).stream().anyMatch(OTHERS::contains)) {
        terminal
            .err()
            .println(
                "Warning: writing to world accessible file.\n"
                    + "Consider setting the umask to 077 and trying again.");
      }
    } catch (IOException | UnsupportedOperationException e) {
      // A system without /dev/stdout or modes: there is nothing to warn of that could be known.
      return;
    }
  }
}
