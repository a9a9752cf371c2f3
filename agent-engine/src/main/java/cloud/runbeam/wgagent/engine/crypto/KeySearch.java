package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/**
 * Looks through bytes that are about to leave the process for any key of a {@link KeyArena}: as it
 * is, in hexadecimal of either case, and in base64 of either alphabet. No key is copied: what is
 * decoded are the bytes that are searched.
 *
 * <pre>
 *   position ─▶ first 8 bytes, if it were a key in this form ─▶ filter ─▶ compare with every key
 * </pre>
 *
 * <p>The filter holds one bit for each key, at a place that depends on the key and on a random
 * number, and is of no use without both. Keys that are made after the search are not looked for.
 * One thread.
 */
public final class KeySearch {
  /** How a key was written. */
  public enum Form {
    /** 32 bytes. */
    RAW,
    /** 64 hexadecimal digits. */
    HEX,
    /** 43 characters, the last one padded. */
    BASE64
  }

  /**
   * Where a key was found; never the key.
   *
   * @param offset of its first byte or character
   * @param form how it is written
   */
  public record Sighting(int offset, Form form) {}

  /** So sparse that 30,000 keys let one position in 500 through. */
  private static final int FILTER_BITS = 24;

  private static final int HEX_CHARACTERS = 2 * SecretKey.BYTES;

  /** 256 bits in characters of 6 bits; two bits of the last one are none of the key's. */
  private static final int BASE64_CHARACTERS = 43;

  private static final int PREFIX_BYTES = Long.BYTES;

  /** The end of a key, which the filter does not look at. */
  private static final int SALT_OFFSET = SecretKey.BYTES - Long.BYTES;

  private static final byte NONE = -1;
  private static final byte[] HEX_VALUES = hexValues();
  private static final byte[] BASE64_VALUES = base64Values();

  private final KeyArena arena;
  private final long salt;
  private final BitSet filter = new BitSet(1 << FILTER_BITS);

  KeySearch(KeyArena arena) {
    this.arena = arena;
    long[] mixed = {0};
    arena.forEachSlot(slot ->
        mixed[0] = Long.rotateLeft(mixed[0], 7) ^ slot.get(ChaCha20Poly1305.LONG, SALT_OFFSET));
    // Of the keys themselves: nobody who does not know them can tell where in the filter they are.
    this.salt = mixed[0] | 1;
    arena.forEachSlot(slot -> {
      if (!isZero(slot)) {
        filter.set(place(slot.get(ChaCha20Poly1305.LONG, 0)));
      }
    });
  }

  /** The first place in {@code bytes} where a key stands. */
  public Optional<Sighting> in(byte[] bytes) {
    MemorySegment text = MemorySegment.ofArray(bytes);
    byte[] candidate = new byte[SecretKey.BYTES];
    try {
      return search(bytes, text, candidate);
    } finally {
      Arrays.fill(candidate, (byte) 0);
    }
  }

  private Optional<Sighting> search(byte[] bytes, MemorySegment text, byte[] candidate) {
    for (int i = 0; i < bytes.length; i++) {
      if (i + SecretKey.BYTES <= bytes.length
          && filter.get(place(text.get(ChaCha20Poly1305.LONG, i)))) {
        System.arraycopy(bytes, i, candidate, 0, candidate.length);
        if (isKey(candidate)) {
          return Optional.of(new Sighting(i, Form.RAW));
        }
      }
      if (decodes(bytes, i, HEX_VALUES, 4, HEX_CHARACTERS, candidate)) {
        return Optional.of(new Sighting(i, Form.HEX));
      }
      if (decodes(bytes, i, BASE64_VALUES, 6, BASE64_CHARACTERS, candidate)) {
        return Optional.of(new Sighting(i, Form.BASE64));
      }
    }
    return Optional.empty();
  }

  /** Whether the characters from {@code start} on stand for one of the keys. */
  private boolean decodes(
      byte[] text, int start, byte[] values, int bits, int characters, byte[] candidate) {
    if (start + characters > text.length || values[text[start] & 0xFF] == NONE) {
      return false;
    }
    return decode(text, start, values, bits, PREFIX_BYTES, candidate)
        && filter.get(place(MemorySegment.ofArray(candidate).get(ChaCha20Poly1305.LONG, 0)))
        && decode(text, start, values, bits, SecretKey.BYTES, candidate)
        && isKey(candidate);
  }

  private static boolean decode(
      byte[] text, int start, byte[] values, int bits, int count, byte[] target) {
    int pending = 0;
    int pendingBits = 0;
    int next = start;
    for (int done = 0; done < count; done++) {
      while (pendingBits < Byte.SIZE) {
        byte value = values[text[next++] & 0xFF];
        if (value == NONE) {
          return false;
        }
        pending = pending << bits | value;
        pendingBits += bits;
      }
      pendingBits -= Byte.SIZE;
      target[done] = (byte) (pending >>> pendingBits);
    }
    return true;
  }

  private boolean isKey(byte[] candidate) {
    MemorySegment bytes = MemorySegment.ofArray(candidate);
    boolean[] found = new boolean[1];
    arena.forEachSlot(slot -> found[0] |= !isZero(slot) && slot.mismatch(bytes) < 0);
    return found[0];
  }

  private static boolean isZero(MemorySegment slot) {
    long any = 0;
    for (int i = 0; i < SecretKey.BYTES; i += Long.BYTES) {
      any |= slot.get(ValueLayout.JAVA_LONG_UNALIGNED, i);
    }
    return any == 0;
  }

  private int place(long prefix) {
    return (int) ((prefix * salt) >>> (Long.SIZE - FILTER_BITS));
  }

  private static byte[] hexValues() {
    byte[] values = none();
    for (int i = 0; i < 16; i++) {
      values[Character.forDigit(i, 16)] = (byte) i;
      values[Character.toUpperCase(Character.forDigit(i, 16))] = (byte) i;
    }
    return values;
  }

  private static byte[] base64Values() {
    byte[] values = none();
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      values[alphabet.charAt(i)] = (byte) i;
    }
    // RFC 4648, section 5: safe for URLs and file names.
    values['-'] = values['+'];
    values['_'] = values['/'];
    return values;
  }

  private static byte[] none() {
    byte[] values = new byte[256];
    Arrays.fill(values, NONE);
    return values;
  }
}
