package cloud.runbeam.wgagent.engine.noise;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * The handshake as the WireGuard paper writes it down, section 5.4, on plain arrays and other
 * people's primitives: nothing here is shared with the code under test. Variables have the paper's
 * names.
 */
final class Paper {
  static final byte[] CONSTRUCTION = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(US_ASCII);
  static final byte[] IDENTIFIER = "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(US_ASCII);
  static final byte[] LABEL_MAC1 = "mac1----".getBytes(US_ASCII);
  static final byte[] EPSILON = new byte[0];

  private Paper() {}

  /** Both messages without MACs, and the two transport keys, in hexadecimal. */
  record Transcript(
      String initiation, String response, String initiatorSends, String responderSends) {}

  /** Everything two parties would exchange with these keys. */
  static Transcript handshake(
      byte[] privI,
      byte[] privR,
      byte[] ephPrivI,
      byte[] ephPrivR,
      byte[] q,
      byte[] timestamp,
      int indexI,
      int indexR)
      throws GeneralSecurityException {
    byte[] pubI = dhPublic(privI);
    byte[] pubR = dhPublic(privR);
    byte[] ephI = dhPublic(ephPrivI);
    byte[] ephR = dhPublic(ephPrivR);

    // 5.4.2, first message.
    byte[] c = hash(CONSTRUCTION);
    byte[] h = hash(concat(c, IDENTIFIER));
    h = hash(concat(h, pubR));
    c = kdf(c, ephI, 1)[0];
    h = hash(concat(h, ephI));
    byte[][] ck = kdf(c, dh(ephPrivI, pubR), 2);
    c = ck[0];
    byte[] msgStatic = aead(ck[1], 0, pubI, h);
    h = hash(concat(h, msgStatic));
    ck = kdf(c, dh(privI, pubR), 2);
    c = ck[0];
    byte[] msgTimestamp = aead(ck[1], 0, timestamp, h);
    h = hash(concat(h, msgTimestamp));
    byte[] initiation =
        concat(littleEndian(1), littleEndian(indexI), ephI, msgStatic, msgTimestamp);

    // 5.4.3, second message.
    c = kdf(c, ephR, 1)[0];
    h = hash(concat(h, ephR));
    c = kdf(c, dh(ephPrivR, ephI), 1)[0];
    c = kdf(c, dh(ephPrivR, pubI), 1)[0];
    byte[][] cTauK = kdf(c, q, 3);
    c = cTauK[0];
    h = hash(concat(h, cTauK[1]));
    byte[] msgEmpty = aead(cTauK[2], 0, EPSILON, h);
    byte[] response =
        concat(littleEndian(2), littleEndian(indexR), littleEndian(indexI), ephR, msgEmpty);

    // 5.4.5, transport keys.
    byte[][] t = kdf(c, EPSILON, 2);
    return new Transcript(hex(initiation), hex(response), hex(t[0]), hex(t[1]));
  }

  static byte[] hash(byte[] input) {
    Blake2sDigest digest = new Blake2sDigest(256);
    digest.update(input, 0, input.length);
    byte[] output = new byte[32];
    digest.doFinal(output, 0);
    return output;
  }

  static byte[] mac(byte[] key, byte[] input) {
    Blake2sDigest digest = new Blake2sDigest(key, 16, null, null);
    digest.update(input, 0, input.length);
    byte[] output = new byte[16];
    digest.doFinal(output, 0);
    return output;
  }

  static byte[][] kdf(byte[] key, byte[] input, int n) {
    byte[] t0 = hmac(key, input);
    byte[][] outputs = new byte[n][];
    byte[] previous = new byte[0];
    for (int i = 0; i < n; i++) {
      previous = hmac(t0, concat(previous, new byte[] {(byte) (i + 1)}));
      outputs[i] = previous;
    }
    return outputs;
  }

  static byte[] dhPublic(byte[] privateKey) {
    byte[] base = new byte[32];
    base[0] = 9;
    return dh(privateKey, base);
  }

  static byte[] dh(byte[] privateKey, byte[] publicKey) {
    byte[] shared = new byte[32];
    X25519.scalarMult(privateKey, 0, publicKey, 0, shared, 0);
    return shared;
  }

  static byte[] aead(byte[] key, long counter, byte[] plaintext, byte[] authText)
      throws GeneralSecurityException {
    byte[] nonce =
        ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(4, counter).array();
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(
        Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce));
    cipher.updateAAD(authText);
    return cipher.doFinal(plaintext);
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  static byte[] littleEndian(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] hmac(byte[] key, byte[] input) {
    HMac mac = new HMac(new Blake2sDigest(256));
    mac.init(new KeyParameter(key));
    mac.update(input, 0, input.length);
    byte[] output = new byte[32];
    mac.doFinal(output, 0);
    return output;
  }
}
