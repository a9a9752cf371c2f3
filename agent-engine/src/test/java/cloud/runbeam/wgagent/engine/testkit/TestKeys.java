package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.nio.charset.StandardCharsets;

/**
 * Keys for tests, made from labels, so that nothing that looks like a real key is in the
 * repository.
 */
public final class TestKeys {
  private TestKeys() {}

  /** An arena whose pages are not locked. */
  public static KeyArena arena() {
    return new KeyArena(new UnguardedMemory(), 64);
  }

  /** 32 bytes that depend on {@code label} alone. */
  public static byte[] bytes(String label) {
    return Blake2s.hashOf(("test key " + label).getBytes(StandardCharsets.UTF_8));
  }

  /** A key that depends on {@code label} alone. */
  public static SecretKey secret(KeyArena arena, String label) {
    return arena.copyOf(bytes(label));
  }

  /** A clamped private key that depends on {@code label} alone. */
  public static SecretKey privateKey(KeyArena arena, String label) {
    SecretKey key = secret(arena, label);
    key.clamp();
    return key;
  }
}
