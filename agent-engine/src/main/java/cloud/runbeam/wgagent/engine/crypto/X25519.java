package cloud.runbeam.wgagent.engine.crypto;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * X25519 (RFC 7748 section 5), {@code DH} and {@code DH-GENERATE} of the WireGuard paper, section
 * 5.4. Any thread.
 *
 * <p>Heap copies of private keys and shared secrets are wiped before return; field elements inside
 * the multiplication are not within reach and are left to the collector.
 */
public final class X25519 {
  private X25519() {}

  /**
   * {@code shared := DH(privateKey, publicKey)}.
   *
   * @param shared receives the shared secret, or zeros when it is refused; may be the same as
   *     {@code privateKey}
   * @return false if the shared secret is all zero because {@code publicKey} is a point of low
   *     order (RFC 7748 section 6.1)
   */
  public static boolean agree(SecretKey privateKey, PublicKey publicKey, SecretKey shared) {
    byte[] scalar = privateKey.bytes().toArray(ValueLayout.JAVA_BYTE);
    byte[] result = new byte[SecretKey.BYTES];
    try {
      boolean usable =
          org.bouncycastle.math.ec.rfc7748.X25519.calculateAgreement(
              scalar, 0, publicKey.toBytes(), 0, result, 0);
      MemorySegment.copy(result, 0, shared.bytes(), ValueLayout.JAVA_BYTE, 0, SecretKey.BYTES);
      return usable;
    } finally {
      Arrays.fill(scalar, (byte) 0);
      Arrays.fill(result, (byte) 0);
    }
  }

  /** The public key of {@code privateKey}. */
  public static PublicKey publicKey(SecretKey privateKey) {
    byte[] scalar = privateKey.bytes().toArray(ValueLayout.JAVA_BYTE);
    try {
      byte[] result = new byte[PublicKey.BYTES];
      org.bouncycastle.math.ec.rfc7748.X25519.generatePublicKey(scalar, 0, result, 0);
      return PublicKey.fromBytes(result);
    } finally {
      Arrays.fill(scalar, (byte) 0);
    }
  }

  /** A fresh private key, clamped; the caller closes it. */
  public static SecretKey generate(KeyArena arena, EntropySource entropy) {
    SecretKey key = arena.allocate();
    boolean filled = false;
    try {
      entropy.fill(key.bytes());
      filled = true;
    } finally {
      if (!filled) {
        key.close();
      }
    }
    key.clamp();
    return key;
  }
}
