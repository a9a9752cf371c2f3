package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * 32 secret bytes in a slot of a {@link KeyArena}: outside the heap, where no collector copies
 * them, locked in RAM where the system allows it, and wiped by {@link #close}. It has no printed,
 * serialised or hashed form.
 *
 * <p>One owner closes it, after which every access throws; that no other thread is still using the
 * bytes is the owner's business. Reading is free for any thread, changing the bytes is not.
 */
public final class SecretKey implements AutoCloseable {
  /** Length of a key in bytes. */
  public static final int BYTES = 32;

  private final KeyArena arena;
  private @Nullable MemorySegment bytes;

  SecretKey(KeyArena arena, MemorySegment bytes) {
    this.arena = arena;
    this.bytes = bytes;
  }

  /**
   * The 32 bytes themselves, not a copy.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public MemorySegment bytes() {
    MemorySegment segment = bytes;
    if (segment == null) {
      throw new IllegalStateException("the key was wiped");
    }
    return segment;
  }

  /** Whether every byte is zero, which stands for "no key". Takes the same time for every key. */
  public boolean isZero() {
    MemorySegment segment = bytes();
    long any = 0;
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      any |= segment.get(ValueLayout.JAVA_LONG_UNALIGNED, i);
    }
    return any == 0;
  }

  /** Overwrites this key with {@code source}. */
  public void copyFrom(SecretKey source) {
    MemorySegment.copy(source.bytes(), 0, bytes(), 0, BYTES);
  }

  /** Overwrites this key with zeros and keeps the slot. */
  public void wipe() {
    bytes().fill((byte) 0);
  }

  /**
   * Makes any 32 bytes a private key in its usual form (RFC 7748 section 5, {@code
   * decodeScalar25519}).
   */
  public void clamp() {
    MemorySegment segment = bytes();
    byte first = segment.get(ValueLayout.JAVA_BYTE, 0);
    byte last = segment.get(ValueLayout.JAVA_BYTE, BYTES - 1);
    segment.set(ValueLayout.JAVA_BYTE, 0, (byte) (first & 0xF8));
    segment.set(ValueLayout.JAVA_BYTE, BYTES - 1, (byte) ((last & 0x7F) | 0x40));
  }

  /**
   * The public key that belongs to this private key: its product with the base point (RFC 7748
   * section 6.1).
   */
  public PublicKey publicKey() {
    return X25519.publicKey(this);
  }

  /** Whether both hold the same bytes. Takes the same time for all keys. */
  public static boolean equal(SecretKey one, SecretKey other) {
    MemorySegment left = one.bytes();
    MemorySegment right = other.bytes();
    long difference = 0;
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      difference |=
          left.get(ValueLayout.JAVA_LONG_UNALIGNED, i)
              ^ right.get(ValueLayout.JAVA_LONG_UNALIGNED, i);
    }
    return difference == 0;
  }

  /** Writes 64 hexadecimal digits to {@code text} from {@code offset} on; the caller wipes them. */
  public void writeHex(byte[] text, int offset) {
    KeyText.encodeHex(bytes(), text, offset);
  }

  /**
   * Writes 44 characters of base64 to {@code text} from {@code offset} on; the caller wipes them.
   */
  public void writeBase64(byte[] text, int offset) {
    KeyText.encodeBase64(bytes(), text, offset);
  }

  /** Wipes the bytes and gives the slot back. Idempotent. */
  @Override
  public void close() {
    arena.free(this);
  }

  /**
   * For {@link KeyArena}, under its lock: takes the slot out of this key, null if that was done
   * before.
   */
  @Nullable MemorySegment detach() {
    MemorySegment segment = bytes;
    bytes = null;
    return segment;
  }

  /** Says that there is a key, and nothing about it. */
  @Override
  public String toString() {
    return "SecretKey[…]";
  }
}
