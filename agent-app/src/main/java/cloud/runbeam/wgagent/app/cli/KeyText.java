package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.io.PrintStream;
import java.util.Arrays;

/** A secret key as a line of text that leaves no copy on the heap. */
final class KeyText {
  /** Base64 of 32 bytes. */
  static final int BASE64_BYTES = 44;

  private KeyText() {}

  /** Prints base64 and a line feed, as {@code wg} does on every system. */
  static void print(SecretKey key, PrintStream out) {
    byte[] line = new byte[BASE64_BYTES + 1];
    try {
      key.writeBase64(line, 0);
      line[BASE64_BYTES] = '\n';
      out.write(line, 0, line.length);
      out.flush();
    } finally {
      Arrays.fill(line, (byte) 0);
    }
  }
}
