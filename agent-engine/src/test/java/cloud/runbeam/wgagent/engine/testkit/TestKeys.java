package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Keys derived from a label, so that none of them looks like somebody's. */
public final class TestKeys {
  private TestKeys() {}

  /** The private key of {@code label}; the caller closes it. */
  public static SecretKey privateKey(KeyArena keys, String label) {
    SecretKey key = secret(keys, "private " + label);
    key.clamp();
    return key;
  }

  /** 32 bytes that belong to {@code label}; the caller closes them. */
  public static SecretKey secret(KeyArena keys, String label) {
    byte[] bytes = bytes(label);
    try {
      return keys.copyOf(bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static byte[] bytes(String label) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(("wg-agent test key " + label).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
