package cloud.runbeam.wgagent.engine.cookie;

import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** What both ends of a cookie agree on. */
final class CookieSecret {
  /** Length of a cookie. */
  static final int COOKIE_BYTES = 16;

  /** Section 5.4.7: the secret behind cookies changes every two minutes. */
  static final long MAX_AGE_NS = TimeUnit.SECONDS.toNanos(120);

  /** Section 5.4: LABEL-COOKIE. */
  private static final byte[] LABEL = "cookie--".getBytes(StandardCharsets.US_ASCII);

  private CookieSecret() {}

  /**
   * {@code HASH("cookie--" || S)}, which seals the cookies that the owner of {@code S} gives; the
   * caller closes it.
   */
  static SecretKey sealingKey(KeyArena arena, PublicKey owner) {
    byte[] hash = Blake2s.hashOf(LABEL, owner.toBytes());
    SecretKey key = arena.copyOf(hash);
    Arrays.fill(hash, (byte) 0);
    return key;
  }
}
