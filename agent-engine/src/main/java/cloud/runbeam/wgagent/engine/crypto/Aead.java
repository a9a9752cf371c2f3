package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;

/**
 * {@code AEAD(key, counter, plain text, ε)} of the WireGuard paper, section 5.4.6:
 * ChaCha20-Poly1305 (RFC 8439) whose nonce is 32 zero bits and the 64-bit little-endian counter,
 * without additional data.
 *
 * <p>An object holds scratch memory and belongs to one thread. Nothing is allocated per call where
 * the provider can avoid it.
 */
public interface Aead {
  /** Length of the tag behind every ciphertext. */
  int TAG_BYTES = 16;

  /** The longest plaintext, padding included. */
  int MAX_PLAINTEXT_BYTES = 65_535;

  /**
   * Seals {@code plaintextBytes} at {@code src + srcOffset}, followed by {@code paddingBytes} zeros
   * that need not be there, and writes ciphertext and tag, {@code plaintextBytes + paddingBytes +
   * 16} bytes, to {@code dst + dstOffset}. The two ranges may overlap in any way.
   *
   * @throws IndexOutOfBoundsException if a range does not lie in its segment, or the plaintext is
   *     longer than {@link #MAX_PLAINTEXT_BYTES}
   * @throws IllegalStateException if the key was wiped
   */
  void seal(
      SecretKey key,
      long counter,
      MemorySegment src,
      long srcOffset,
      int plaintextBytes,
      int paddingBytes,
      MemorySegment dst,
      long dstOffset);

  /**
   * Opens {@code ciphertextBytes}, tag included, at {@code src + srcOffset} and writes the
   * plaintext to {@code dst + dstOffset}. The two ranges may overlap in any way.
   *
   * @return the length of the plaintext, padding included; or -1 if the bytes do not authenticate
   *     or are shorter than a tag, and then nothing was written
   * @throws IndexOutOfBoundsException if a range does not lie in its segment, or the plaintext is
   *     longer than {@link #MAX_PLAINTEXT_BYTES}
   * @throws IllegalStateException if the key was wiped
   */
  int open(
      SecretKey key,
      long counter,
      MemorySegment src,
      long srcOffset,
      int ciphertextBytes,
      MemorySegment dst,
      long dstOffset);
}
