package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * {@code AEAD(key, counter, plain text, auth text)} as handshake messages use it (WireGuard paper,
 * sections 5.4, 5.4.2 and 5.4.3): ChaCha20-Poly1305 with additional data. Any thread; copies made
 * on the heap are wiped before return.
 */
public final class HandshakeAead {
  private HandshakeAead() {}

  /**
   * Seals all of {@code plaintext} and writes ciphertext and tag, 16 bytes more, to {@code target}
   * from {@code targetOffset} on. The ranges may overlap.
   */
  public static void seal(
      SecretKey key,
      long counter,
      MemorySegment authText,
      MemorySegment plaintext,
      MemorySegment target,
      long targetOffset) {
    byte[] data = authText.toArray(ValueLayout.JAVA_BYTE);
    byte[] text = plaintext.toArray(ValueLayout.JAVA_BYTE);
    try {
      byte[] sealed = ChaCha20Poly1305.seal(key, counter, data, text);
      MemorySegment.copy(sealed, 0, target, ValueLayout.JAVA_BYTE, targetOffset, sealed.length);
    } finally {
      Arrays.fill(data, (byte) 0);
      Arrays.fill(text, (byte) 0);
    }
  }

  /**
   * Opens all of {@code sealed}, ciphertext and tag, and writes the plaintext, 16 bytes less, to
   * the start of {@code target}. The ranges may overlap.
   *
   * @return false if {@code sealed} does not authenticate, and then nothing was written
   */
  public static boolean open(
      SecretKey key,
      long counter,
      MemorySegment authText,
      MemorySegment sealed,
      MemorySegment target) {
    if (sealed.byteSize() < Aead.TAG_BYTES) {
      return false;
    }
    byte[] data = authText.toArray(ValueLayout.JAVA_BYTE);
    byte[] ciphertext = sealed.toArray(ValueLayout.JAVA_BYTE);
    byte[] text = new byte[ciphertext.length - Aead.TAG_BYTES];
    try {
      if (!ChaCha20Poly1305.open(key, counter, data, ciphertext, text)) {
        return false;
      }
      MemorySegment.copy(text, 0, target, ValueLayout.JAVA_BYTE, 0, text.length);
      return true;
    } finally {
      Arrays.fill(data, (byte) 0);
      Arrays.fill(text, (byte) 0);
    }
  }
}
