package cloud.runbeam.wgagent.engine.cookie;

import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.XChaCha20Poly1305;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.wire.CookieReplyLayout;
import cloud.runbeam.wgagent.engine.wire.MacLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The side that is under load (WireGuard paper, sections 5.3 and 5.4.7): gives cookies to those who
 * ask, and recognises them later, while remembering nothing about anybody.
 *
 * <pre>
 *   cookie := MAC(R, source address || source port)      R: 32 random bytes, new every 120 s
 *   mac2   := MAC(cookie, message up to mac2)
 * </pre>
 *
 * <p>One per identity of a device. Conductor thread only.
 */
public final class CookieChecker implements AutoCloseable {
  private static final int SOURCE_BYTES = Long.BYTES + Long.BYTES + Short.BYTES;

  private final KeyArena arena;
  private final EntropySource entropy;
  private final SecretKey sealingKey;
  private final SecretKey secret;
  private boolean secretMade;
  private long secretBornNs;

  /** Gives and recognises cookies as the owner of {@code own}. */
  public CookieChecker(KeyArena arena, EntropySource entropy, PublicKey own) {
    this.arena = arena;
    this.entropy = entropy;
    this.sealingKey = CookieSecret.sealingKey(arena, own);
    this.secret = arena.allocate();
  }

  /**
   * Whether the sender of the handshake message of {@code length} bytes at {@code offset} proves,
   * with a cookie from us that is less than two minutes old, that it receives what is sent to
   * {@code source}.
   */
  public boolean verifyMac2(
      MemorySegment message, long offset, int length, Endpoint source, long nowNs) {
    if (!secretMade || nowNs - secretBornNs >= CookieSecret.MAX_AGE_NS) {
      return false;
    }
    byte[] cookie = cookieOf(source);
    byte[] expected = mac2(cookie, message, offset, length);
    Arrays.fill(cookie, (byte) 0);
    return Mac1.sameMac(MemorySegment.ofArray(expected), message, offset + MacLayout.mac2(length));
  }

  /**
   * Writes the reply that gives {@code source} its cookie; it is bound to the message it answers
   * and never longer than it.
   *
   * @param out receives {@link CookieReplyLayout#BYTES} bytes from {@code outOffset} on
   * @param message the handshake message of {@code length} bytes at {@code offset}, whose mac1 is
   *     right
   * @param senderIndex the message's sender index
   * @return the length of the reply
   */
  public int writeReply(
      MemorySegment out,
      long outOffset,
      MemorySegment message,
      long offset,
      int length,
      int senderIndex,
      Endpoint source,
      long nowNs) {
    renewSecret(nowNs);
    MemorySegment reply = out.asSlice(outOffset, CookieReplyLayout.BYTES);
    CookieReplyLayout.begin(reply, 0, senderIndex);
    MemorySegment nonce = reply.asSlice(CookieReplyLayout.NONCE, CookieReplyLayout.NONCE_BYTES);
    entropy.fill(nonce);
    byte[] mac1 = new byte[MacLayout.MAC_BYTES];
    MemorySegment.copy(
        message, ValueLayout.JAVA_BYTE, offset + MacLayout.mac1(length), mac1, 0, mac1.length);
    byte[] cookie = cookieOf(source);
    byte[] sealed = XChaCha20Poly1305.seal(arena, sealingKey, nonce, mac1, cookie);
    Arrays.fill(cookie, (byte) 0);
    MemorySegment.copy(
        sealed, 0, reply, ValueLayout.JAVA_BYTE, CookieReplyLayout.COOKIE, sealed.length);
    return CookieReplyLayout.BYTES;
  }

  /** {@code MAC(cookie, message up to mac2)}, section 5.4.4. */
  static byte[] mac2(byte[] cookie, MemorySegment message, long offset, int length) {
    Blake2s mac = Blake2s.mac(cookie);
    byte[] result = mac.update(message, offset, MacLayout.mac2(length)).finish();
    mac.forgetKey();
    return result;
  }

  /** Wipes the secrets. */
  @Override
  public void close() {
    sealingKey.close();
    secret.close();
  }

  private void renewSecret(long nowNs) {
    if (!secretMade || nowNs - secretBornNs >= CookieSecret.MAX_AGE_NS) {
      entropy.fill(secret.bytes());
      secretMade = true;
      secretBornNs = nowNs;
    }
  }

  private byte[] cookieOf(Endpoint source) {
    byte[] key = secret.bytes().toArray(ValueLayout.JAVA_BYTE);
    Blake2s mac = Blake2s.mac(key);
    Arrays.fill(key, (byte) 0);
    byte[] address =
        ByteBuffer.allocate(SOURCE_BYTES)
            .putLong(source.addressHigh())
            .putLong(source.addressLow())
            .putShort((short) source.port())
            .array();
    byte[] cookie = mac.update(address).finish();
    mac.forgetKey();
    return cookie;
  }
}
