package cloud.runbeam.wgagent.engine.uapi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads lines of bounded length into memory that it wipes: what passes through here may be a
 * private key. One thread.
 *
 * <pre>
 *   line:  p r i v a t e _ k e y = 0 1 2 3 ...      the key's name up to the first '='
 *          0                     ^equals      ^length
 * </pre>
 */
final class LineReader {
  /** The longest line with a meaning has some 80 bytes. */
  static final int MAX_LINE_BYTES = 1_024;

  private static final int BUFFER_BYTES = 16 * 1_024;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final byte[] line = new byte[MAX_LINE_BYTES];
  private int position;
  private int limit;
  private int length;
  private int equals;
  private long number;

  LineReader(InputStream in) {
    this.in = in;
  }

  /**
   * Reads the next line, without its LF.
   *
   * @return false at the end of the stream; what stands there without an LF is not a line
   * @throws UapiException if the line is too long
   */
  boolean next() throws IOException, UapiException {
    Arrays.fill(line, 0, length, (byte) 0);
    length = 0;
    equals = -1;
    while (true) {
      if (position == limit && !fill()) {
        return false;
      }
      byte symbol = buffer[position];
      buffer[position++] = 0;
      if (symbol == '\n') {
        number++;
        return true;
      }
      if (length == MAX_LINE_BYTES) {
        throw new UapiException(
            Errno.EPROTO, "line " + (number + 1) + " is longer than " + MAX_LINE_BYTES + " bytes");
      }
      if (symbol == '=' && equals < 0) {
        equals = length;
      }
      line[length++] = symbol;
    }
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer, 0, buffer.length));
    return limit > 0;
  }

  /** Lines are counted from 1 for each request. */
  void restartNumbering() {
    number = 0;
  }

  long number() {
    return number;
  }

  boolean isEmpty() {
    return length == 0;
  }

  boolean hasKeyAndValue() {
    return equals >= 0;
  }

  /** Whether the whole line is {@code text}. */
  boolean is(String text) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (line[i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** What stands before the first {@code =}. */
  String key() {
    return new String(line, 0, equals, StandardCharsets.ISO_8859_1);
  }

  /** What stands behind the first {@code =}, where it is no secret. */
  String value() {
    return new String(line, equals + 1, length - equals - 1, StandardCharsets.ISO_8859_1);
  }

  /** What stands behind the first {@code =}, in an array that the caller wipes. */
  byte[] secretValue() {
    return Arrays.copyOfRange(line, equals + 1, length);
  }

  void wipe() {
    Arrays.fill(line, (byte) 0);
    Arrays.fill(buffer, (byte) 0);
    position = 0;
    limit = 0;
    length = 0;
  }
}
