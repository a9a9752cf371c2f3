package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * {@code KDF1}, {@code KDF2} and {@code KDF3} of the WireGuard paper, section 5.4: HKDF (RFC 5869)
 * over HMAC (RFC 2104) over BLAKE2s.
 *
 * <pre>
 *   t0 = HMAC(key, input)     t1 = HMAC(t0, 0x1)     t2 = HMAC(t0, t1 || 0x2)     t3 = HMAC(t0, t2 || 0x3)
 * </pre>
 *
 * <p>Key, input and output live outside the heap; what passes through the heap in between is wiped
 * before return. An output may be the same key as the input key, as in {@code C := KDF1(C, ...)}.
 */
public final class Kdf {
  private static final byte INNER_PAD = 0x36;
  private static final byte OUTER_PAD = 0x5C;

  private Kdf() {}

  /** {@code out1 := KDF1(key, input)}. */
  public static void derive(SecretKey key, MemorySegment input, SecretKey out1) {
    deriveAll(key, input, out1);
  }

  /** {@code (out1, out2) := KDF2(key, input)}. */
  public static void derive(SecretKey key, MemorySegment input, SecretKey out1, SecretKey out2) {
    deriveAll(key, input, out1, out2);
  }

  /** {@code (out1, out2, out3) := KDF3(key, input)}. */
  public static void derive(
      SecretKey key, MemorySegment input, SecretKey out1, SecretKey out2, SecretKey out3) {
    deriveAll(key, input, out1, out2, out3);
  }

  private static void deriveAll(SecretKey key, MemorySegment input, SecretKey... outputs) {
    byte[] message = new byte[Blake2s.HASH_BYTES + 1];
    byte[] extracted = new byte[Blake2s.HASH_BYTES];
    byte[] keyBytes = key.bytes().toArray(ValueLayout.JAVA_BYTE);
    byte[] inputBytes = input.toArray(ValueLayout.JAVA_BYTE);
    try {
      hmac(keyBytes, inputBytes, 0, inputBytes.length, extracted);
      // t1 is made from 0x1 alone, the others from the one before and their number.
      int start = Blake2s.HASH_BYTES;
      for (int i = 0; i < outputs.length; i++) {
        message[Blake2s.HASH_BYTES] = (byte) (i + 1);
        hmac(extracted, message, start, message.length - start, message);
        MemorySegment.copy(
            message, 0, outputs[i].bytes(), ValueLayout.JAVA_BYTE, 0, SecretKey.BYTES);
        start = 0;
      }
    } finally {
      Arrays.fill(message, (byte) 0);
      Arrays.fill(extracted, (byte) 0);
      Arrays.fill(keyBytes, (byte) 0);
      Arrays.fill(inputBytes, (byte) 0);
    }
  }

  /**
   * {@code output[0..32) := HMAC(key, message[offset..offset+length))}, where {@code output} may be
   * {@code message}.
   *
   * @param key at most one block of 64 bytes
   */
  static void hmac(byte[] key, byte[] message, int offset, int length, byte[] output) {
    byte[] pad = new byte[Blake2s.BLOCK_BYTES];
    Blake2s hash = Blake2s.hash();
    try {
      fillPad(pad, key, INNER_PAD);
      hash.update(pad).update(message, offset, length).finish(output, 0);
      fillPad(pad, key, OUTER_PAD);
      hash.update(pad).update(output, 0, Blake2s.HASH_BYTES).finish(output, 0);
    } finally {
      Arrays.fill(pad, (byte) 0);
    }
  }

  private static void fillPad(byte[] pad, byte[] key, byte constant) {
    Arrays.fill(pad, constant);
    for (int i = 0; i < key.length; i++) {
      pad[i] ^= key[i];
    }
  }
}
