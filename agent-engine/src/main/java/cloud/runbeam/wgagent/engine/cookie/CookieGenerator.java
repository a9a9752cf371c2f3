package cloud.runbeam.wgagent.engine.cookie;

import cloud.runbeam.wgagent.engine.crypto.Aead;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.XChaCha20Poly1305;
import cloud.runbeam.wgagent.engine.wire.CookieReplyLayout;
import cloud.runbeam.wgagent.engine.wire.MacLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Completes the handshake messages that we send to one peer (WireGuard paper, section 5.4.4): mac1
 * always, mac2 while we hold a cookie that the peer gave us.
 *
 * <p>Conductor thread only.
 */
public final class CookieGenerator implements AutoCloseable {
  /**
   * Section 5.4.4: a cookie is used for 120 s, less the 5 s that a message may be under way (as in
   * Linux).
   */
  static final long COOKIE_LIFETIME_NS = CookieSecret.MAX_AGE_NS - TimeUnit.SECONDS.toNanos(5);

  private final KeyArena arena;
  private final PublicKey remoteStatic;

  /**
   * The mac1 sent last, which a cookie reply must be bound to; null once a reply came, so that it
   * answers one message only.
   */
  private byte @Nullable [] lastMac1;

  private byte @Nullable [] cookie;
  private long cookieReceivedNs;

  /** For messages to the owner of {@code remoteStatic}. */
  public CookieGenerator(KeyArena arena, PublicKey remoteStatic) {
    this.arena = arena;
    this.remoteStatic = remoteStatic;
  }

  /**
   * Writes mac1 and mac2, which is zero without a cookie, into the handshake message of {@code
   * length} bytes at {@code offset}.
   */
  public void addMacs(MemorySegment message, long offset, int length, long nowNs) {
    new Mac1(remoteStatic).write(message, offset, length);
    byte[] mac1 = new byte[MacLayout.MAC_BYTES];
    MemorySegment.copy(
        message, ValueLayout.JAVA_BYTE, offset + MacLayout.mac1(length), mac1, 0, mac1.length);
    lastMac1 = mac1;

    byte[] mac2 = new byte[MacLayout.MAC_BYTES];
    if (cookie != null) {
      if (nowNs - cookieReceivedNs < COOKIE_LIFETIME_NS) {
        mac2 = CookieChecker.mac2(cookie, message, offset, length);
      } else {
        forgetCookie();
      }
    }
    MemorySegment.copy(
        mac2, 0, message, ValueLayout.JAVA_BYTE, offset + MacLayout.mac2(length), mac2.length);
  }

  /**
   * Takes the cookie out of the reply of {@link CookieReplyLayout#BYTES} bytes at {@code offset},
   * whose receiver index is one of ours.
   *
   * @return whether it answers the handshake message that we sent last and authenticates; if not,
   *     nothing is changed
   */
  public boolean consumeReply(MemorySegment reply, long offset, long nowNs) {
    byte[] mac1 = lastMac1;
    if (mac1 == null) {
      return false;
    }
    MemorySegment nonce =
        reply.asSlice(offset + CookieReplyLayout.NONCE, CookieReplyLayout.NONCE_BYTES);
    byte[] sealed =
        reply
            .asSlice(offset + CookieReplyLayout.COOKIE, CookieReplyLayout.COOKIE_BYTES)
            .toArray(ValueLayout.JAVA_BYTE);
    byte[] opened = new byte[CookieReplyLayout.COOKIE_BYTES - Aead.TAG_BYTES];
    try (SecretKey key = CookieSecret.sealingKey(arena, remoteStatic)) {
      if (!XChaCha20Poly1305.open(arena, key, nonce, mac1, sealed, opened)) {
        return false;
      }
    }
    forgetCookie();
    cookie = opened;
    cookieReceivedNs = nowNs;
    lastMac1 = null;
    return true;
  }

  /** Whether a cookie is at hand that the next message will be made with. */
  public boolean hasCookie(long nowNs) {
    return cookie != null && nowNs - cookieReceivedNs < COOKIE_LIFETIME_NS;
  }

  /** Wipes the cookie. */
  @Override
  public void close() {
    forgetCookie();
    lastMac1 = null;
  }

  private void forgetCookie() {
    if (cookie != null) {
      Arrays.fill(cookie, (byte) 0);
      cookie = null;
    }
  }
}
