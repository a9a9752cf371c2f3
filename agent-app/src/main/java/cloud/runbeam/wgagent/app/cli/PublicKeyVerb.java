package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.util.Arrays;

/**
 * {@code pubkey}: reads a private key from standard input, which leaves it out of shell history and
 * process lists.
 */
final class PublicKeyVerb implements Verb {
  private final Terminal terminal;

  PublicKeyVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public VerbSyntax syntax() {
    return VerbSyntax.bare(
        "pubkey", "Read a private key from standard input, print its public key.");
  }

  @Override
  public int run(Arguments arguments) throws IOException, PlatformException {
    byte[] text = new byte[KeyText.BASE64_BYTES];
    try (KeyArena arena = new KeyArena(InstalledPlatform.find().memoryGuard(), 1)) {
      if (terminal.in().readNBytes(text, 0, text.length) != text.length) {
        return refuse("Key is not the correct length or format");
      }
      try (SecretKey key = arena.fromBase64(text)) {
        if (hasTrailingCharacters()) {
          return refuse("Trailing characters found after key");
        }
        terminal.out().print(key.publicKey().toBase64() + "\n");
        terminal.out().flush();
        return 0;
      } catch (IllegalArgumentException e) {
        return refuse("Key is not the correct length or format");
      }
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  private boolean hasTrailingCharacters() throws IOException {
    for (int next = terminal.in().read(); next >= 0; next = terminal.in().read()) {
      boolean space = next == ' ' || (next >= '\t' && next <= '\r');
      if (!space) {
        return true;
      }
    }
    return false;
  }

  private int refuse(String reason) {
    terminal.err().println("wg-agent: " + reason);
    return Verbs.FAILED;
  }
}
