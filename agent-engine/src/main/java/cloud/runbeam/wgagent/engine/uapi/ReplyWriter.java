package cloud.runbeam.wgagent.engine.uapi;

import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Collects the lines of a reply in memory that it wipes once they were sent. One thread. */
final class ReplyWriter {
  private static final int BUFFER_BYTES = 16 * 1_024;

  /** 32 bytes in hexadecimal digits. */
  private static final int KEY_DIGITS = 2 * SecretKey.BYTES;

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int length;

  ReplyWriter(OutputStream out) {
    this.out = out;
  }

  void line(String key, String value) throws IOException {
    reserve(key.length() + value.length() + 2);
    text(key);
    buffer[length++] = '=';
    text(value);
    buffer[length++] = '\n';
  }

  void line(String key, long value) throws IOException {
    line(key, Long.toString(value));
  }

  void line(String key, SecretKey value) throws IOException {
    reserve(key.length() + KEY_DIGITS + 2);
    text(key);
    buffer[length++] = '=';
    value.writeHex(buffer, length);
    length += KEY_DIGITS;
    buffer[length++] = '\n';
  }

  /** Ends a reply: its number, an empty line, and everything on its way. */
  void end(Errno errno) throws IOException {
    line("errno", errno.replyNumber());
    reserve(1);
    buffer[length++] = '\n';
    drain();
    out.flush();
  }

  void wipe() {
    Arrays.fill(buffer, (byte) 0);
    length = 0;
  }

  private void text(String ascii) {
    for (int i = 0; i < ascii.length(); i++) {
      buffer[length++] = (byte) ascii.charAt(i);
    }
  }

  private void reserve(int bytes) throws IOException {
    if (buffer.length - length < bytes) {
      drain();
    }
  }

  private void drain() throws IOException {
    try {
      out.write(buffer, 0, length);
    } finally {
      Arrays.fill(buffer, 0, length, (byte) 0);
      length = 0;
    }
  }
}
