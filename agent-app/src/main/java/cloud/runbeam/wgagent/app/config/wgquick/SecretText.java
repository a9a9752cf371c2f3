package cloud.runbeam.wgagent.app.config.wgquick;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.security.MessageDigest;
import java.util.Arrays;

/** A secret as it stands in a file. Prints nothing; wiped by {@link #close}. One thread. */
final class SecretText implements AutoCloseable {
  private final byte[] bytes;

  /** Takes {@code bytes} over. */
  SecretText(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The key that it holds in base64; the caller closes that. */
  SecretKey key(KeyArena arena) {
    return arena.fromBase64(bytes);
  }

  int length() {
    return bytes.length;
  }

  boolean holds(byte[] text) {
    return MessageDigest.isEqual(bytes, text);
  }

  /** The text and a line end; the caller wipes it. */
  byte[] line() {
    byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
    line[bytes.length] = '\n';
    return line;
  }

  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
