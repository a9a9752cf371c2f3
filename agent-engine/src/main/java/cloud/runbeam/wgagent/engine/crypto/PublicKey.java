package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A Curve25519 public key: 32 bytes that anybody may see. Immutable; any thread. */
public final class PublicKey {
  /** Length of a key in bytes. */
  public static final int BYTES = 32;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  // Four words instead of an array: one object per key, compared without a loop.
  private final long word0;
  private final long word1;
  private final long word2;
  private final long word3;

  private PublicKey(MemorySegment bytes, long offset) {
    word0 = bytes.get(WORD, offset);
    word1 = bytes.get(WORD, offset + 8);
    word2 = bytes.get(WORD, offset + 16);
    word3 = bytes.get(WORD, offset + 24);
  }

  /**
   * The key with these bytes.
   *
   * @throws IllegalArgumentException if there are not exactly 32
   */
  public static PublicKey fromBytes(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a key is 32 bytes, not " + bytes.length);
    }
    return new PublicKey(MemorySegment.ofArray(bytes), 0);
  }

  /**
   * The key at {@code offset} of {@code source}.
   *
   * @throws IndexOutOfBoundsException if there are fewer than 32 bytes
   */
  public static PublicKey read(MemorySegment source, long offset) {
    return new PublicKey(source, offset);
  }

  /**
   * The key that {@code wg} prints as {@code text}: 44 characters of base64.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static PublicKey fromBase64(String text) {
    byte[] key = new byte[BYTES];
    KeyText.decodeBase64(text.getBytes(StandardCharsets.UTF_8), MemorySegment.ofArray(key));
    return fromBytes(key);
  }

  /**
   * The key that UAPI writes as {@code text}: 64 hexadecimal digits.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static PublicKey fromHex(String text) {
    byte[] key = new byte[BYTES];
    KeyText.decodeHex(text.getBytes(StandardCharsets.UTF_8), MemorySegment.ofArray(key));
    return fromBytes(key);
  }

  /** A copy of the 32 bytes. */
  public byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    copyTo(MemorySegment.ofArray(bytes), 0);
    return bytes;
  }

  /** 44 characters of base64. */
  public String toBase64() {
    byte[] text = new byte[KeyText.BASE64_CHARACTERS];
    KeyText.encodeBase64(MemorySegment.ofArray(toBytes()), text, 0);
    return new String(text, StandardCharsets.US_ASCII);
  }

  /** 64 lower-case hexadecimal digits. */
  public String toHex() {
    byte[] text = new byte[KeyText.HEX_CHARACTERS];
    KeyText.encodeHex(MemorySegment.ofArray(toBytes()), text, 0);
    return new String(text, StandardCharsets.US_ASCII);
  }

  /** Writes the 32 bytes to {@code target} from {@code offset} on. */
  public void copyTo(MemorySegment target, long offset) {
    target.set(WORD, offset, word0);
    target.set(WORD, offset + 8, word1);
    target.set(WORD, offset + 16, word2);
    target.set(WORD, offset + 24, word3);
  }

  /** Whether every byte is zero, which UAPI uses for "no key". */
  public boolean isZero() {
    return (word0 | word1 | word2 | word3) == 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PublicKey key
        && word0 == key.word0
        && word1 == key.word1
        && word2 == key.word2
        && word3 == key.word3;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(new long[] {word0, word1, word2, word3});
  }

  /** The key in base64. */
  @Override
  public String toString() {
    return toBase64();
  }
}
