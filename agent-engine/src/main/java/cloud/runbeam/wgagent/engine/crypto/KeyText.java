package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys as text: base64 (RFC 4648 section 4) of 44 characters, or 64 hexadecimal digits.
 *
 * <p>Secret keys pass through here, so no table is indexed and no branch taken by key bits: each
 * digit is computed by masks, and errors are collected and looked at once, at the end. Messages
 * never quote the text.
 */
final class KeyText {
  static final int BASE64_CHARACTERS = 44;
  static final int HEX_CHARACTERS = 64;

  /**
   * 42 digits of base64 hold 31.5 bytes; the 43rd holds the last 4 bits and two that must be zero.
   */
  private static final int BASE64_DIGITS = 43;

  private KeyText() {}

  /** Writes 44 characters to {@code text} from {@code offset} on. */
  static void encodeBase64(MemorySegment key, byte[] text, int offset) {
    int accumulator = 0;
    int bits = 0;
    int position = offset;
    for (int i = 0; i < PublicKey.BYTES; i++) {
      accumulator = (accumulator << 8) | byteAt(key, i);
      bits += 8;
      while (bits >= 6) {
        bits -= 6;
        text[position++] = base64Digit((accumulator >>> bits) & 0x3F);
      }
    }
    text[position++] = base64Digit((accumulator << (6 - bits)) & 0x3F);
    text[position] = '=';
  }

  /**
   * Reads 44 characters into the 32 bytes of {@code key}.
   *
   * @throws IllegalArgumentException if {@code text} is not a key in base64
   */
  static void decodeBase64(byte[] text, MemorySegment key) {
    if (text.length != BASE64_CHARACTERS) {
      throw new IllegalArgumentException(
          "a key is 44 characters of base64, not " + text.length + " characters");
    }
    int invalid = text[BASE64_DIGITS] ^ '=';
    int accumulator = 0;
    int bits = 0;
    int position = 0;
    for (int i = 0; i < BASE64_DIGITS; i++) {
      int value = base64Value(text[i]);
      invalid |= value & ~0x3F;
      accumulator = (accumulator << 6) | (value & 0x3F);
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        key.set(ValueLayout.JAVA_BYTE, position++, (byte) (accumulator >>> bits));
      }
    }
    invalid |= accumulator & 0x3;
    if (invalid != 0) {
      key.fill((byte) 0);
      throw new IllegalArgumentException(
          "a key in base64 is 43 of A-Z a-z 0-9 + / and one = at the end, for exactly 32 bytes");
    }
  }

  /** Writes 64 lower-case digits to {@code text} from {@code offset} on. */
  static void encodeHex(MemorySegment key, byte[] text, int offset) {
    for (int i = 0; i < PublicKey.BYTES; i++) {
      int value = byteAt(key, i);
      text[offset + 2 * i] = hexDigit(value >>> 4);
      text[offset + 2 * i + 1] = hexDigit(value & 0xF);
    }
  }

  /**
   * Reads 64 digits of either case into the 32 bytes of {@code key}.
   *
   * @throws IllegalArgumentException if {@code text} is not a key in hexadecimal
   */
  static void decodeHex(byte[] text, MemorySegment key) {
    if (text.length != HEX_CHARACTERS) {
      throw new IllegalArgumentException(
          "a key is 64 hexadecimal digits, not " + text.length + " characters");
    }
    int invalid = 0;
    for (int i = 0; i < PublicKey.BYTES; i++) {
      int high = hexValue(text[2 * i]);
      int low = hexValue(text[2 * i + 1]);
      invalid |= (high | low) & ~0xF;
      key.set(ValueLayout.JAVA_BYTE, i, (byte) ((high << 4) | low));
    }
    if (invalid != 0) {
      key.fill((byte) 0);
      throw new IllegalArgumentException("a key in hexadecimal has digits 0-9 and a-f only");
    }
  }

  private static int byteAt(MemorySegment key, int index) {
    return key.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
  }

  private static byte base64Digit(int value) {
    return (byte)
        ((within(value, 0, 25) & (value + 'A'))
            | (within(value, 26, 51) & (value - 26 + 'a'))
            | (within(value, 52, 61) & (value - 52 + '0'))
            | (within(value, 62, 62) & '+')
            | (within(value, 63, 63) & '/'));
  }

  /** The value of a digit, or a negative number. */
  private static int base64Value(int digit) {
    int valuePlusOne =
        (within(digit, 'A', 'Z') & (digit - 'A' + 1))
            | (within(digit, 'a', 'z') & (digit - 'a' + 27))
            | (within(digit, '0', '9') & (digit - '0' + 53))
            | (within(digit, '+', '+') & 63)
            | (within(digit, '/', '/') & 64);
    return valuePlusOne - 1;
  }

  private static byte hexDigit(int value) {
    return (byte)
        ((within(value, 0, 9) & (value + '0')) | (within(value, 10, 15) & (value - 10 + 'a')));
  }

  /** The value of a digit, or a negative number. */
  private static int hexValue(int digit) {
    int valuePlusOne =
        (within(digit, '0', '9') & (digit - '0' + 1))
            | (within(digit, 'a', 'f') & (digit - 'a' + 11))
            | (within(digit, 'A', 'F') & (digit - 'A' + 11));
    return valuePlusOne - 1;
  }

  /**
   * All ones if {@code low <= value <= high}, otherwise zero; all three within plus or minus 255.
   */
  private static int within(int value, int low, int high) {
    return ((low - 1 - value) & (value - high - 1)) >> 31;
  }
}
