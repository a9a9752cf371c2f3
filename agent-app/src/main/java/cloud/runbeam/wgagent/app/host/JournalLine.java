package cloud.runbeam.wgagent.app.host;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One line of a journal: eight hexadecimal digits of the CRC-32C of what follows, a space, and the
 * payload in ASCII.
 *
 * <pre>
 *   1a2b3c4d wg-agent-journal 1 EPOCH        the first line
 *   5e6f7a8b + 17 rule 4 32765 not ...       entry 17
 *   9c0d1e2f - 17 18                         entries 17 and 18 are crossed off
 * </pre>
 */
final class JournalLine {
  private static final int SUM_DIGITS = 8;

  private JournalLine() {}

  /** The line with its end. */
  static String of(String payload) {
    for (int i = 0; i < payload.length(); i++) {
      if (payload.charAt(i) < ' ' || payload.charAt(i) > '~') {
        throw new IllegalArgumentException("a journal entry is one line of ASCII");
      }
    }
    return HexFormat.of().toHexDigits(sum(payload)) + " " + payload + "\n";
  }

  /** The payload of a line without its end; empty if it is damaged. */
  static Optional<String> payload(String line) {
    if (line.length() <= SUM_DIGITS || line.charAt(SUM_DIGITS) != ' ') {
      return Optional.empty();
    }
    String payload = line.substring(SUM_DIGITS + 1);
    String sum = HexFormat.of().toHexDigits(sum(payload));
    return line.startsWith(sum) ? Optional.of(payload) : Optional.empty();
  }

  private static int sum(String payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload.getBytes(StandardCharsets.ISO_8859_1));
    return (int) crc.getValue();
  }
}
