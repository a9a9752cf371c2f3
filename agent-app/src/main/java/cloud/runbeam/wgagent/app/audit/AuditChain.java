package cloud.runbeam.wgagent.app.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of a line.
 *
 * <pre>
 *   {"seq":2,"at":"...",...,"prev":"HASH OF LINE 1","hash":"HASH"}
 *   HASH = SHA-256 of the line without ,"hash":"HASH"
 * </pre>
 *
 * <p>Since each line holds the hash of the one before, its own hash speaks for all that came
 * before.
 */
final class AuditChain {
  /** What the first line of a new log holds in place of a predecessor's hash. */
  static final String START = "0".repeat(64);

  /** The log, and the names it gets when it is full, the youngest first. */
  static final String NAME = "audit.log";

  /** Where the log ends, so that a line missing at its end is found as well. */
  static final String HEAD = "audit.head";

  private static final Pattern LINE =
      Pattern.compile(
          "(\\{\"seq\":([0-9]{1,18}),.*,\"prev\":\"([0-9a-f]{64})\"),\"hash\":\"([0-9a-f]{64})\"}",
          Pattern.DOTALL);

  private static final Pattern HEAD_LINE = Pattern.compile("([0-9]{1,18}) ([0-9a-f]{64})\\s*");

  private AuditChain() {}

  /** {@code body}, a JSON object that ends with {@code prev}, with its hash. */
  static Link seal(long sequence, String previous, String body) {
    String hash = hash(body);
    String line = body.substring(0, body.length() - 1) + ",\"hash\":\"" + hash + "\"}";
    return new Link(sequence, previous, hash, line);
  }

  /** The parts of a line if it is one and its hash is right. */
  static Optional<Link> parse(String line) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches() || !hash(parts.group(1) + "}").equals(parts.group(4))) {
      return Optional.empty();
    }
    return Optional.of(
        new Link(Long.parseLong(parts.group(2)), parts.group(3), parts.group(4), line));
  }

  /** What {@link #HEAD} says, if it says anything. */
  static Optional<Head> parseHead(String text) {
    Matcher parts = HEAD_LINE.matcher(text);
    return parts.matches()
        ? Optional.of(new Head(Long.parseLong(parts.group(1)), parts.group(2)))
        : Optional.empty();
  }

  /** SHA-256 in hexadecimal. */
  static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }

  /**
   * One line.
   *
   * @param sequence counted from 1
   * @param previous hash of the line before
   * @param hash of this line
   * @param line without its end
   */
  record Link(long sequence, String previous, String hash, String line) {}

  /**
   * Where the log ended when it was last written.
   *
   * @param sequence of the last line
   * @param hash of the last line
   */
  record Head(long sequence, String hash) {
    String text() {
      return sequence + " " + hash + "\n";
    }
  }
}
