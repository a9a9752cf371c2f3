package cloud.runbeam.wgagent.engine.wire;

import java.lang.foreign.MemorySegment;

/**
 * Cookie reply (paper, section 5.4.7). {@code ^n^} is {@code n} bytes of ciphertext and 16 of tag.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+-----------------------------------------------+   0
 *   |   type = 3    |                 reserved = 0                  |
 *   +---------------+-----------------------------------------------+   4
 *   |                        receiver index                         |
 *   +---------------------------------------------------------------+   8
 *   |                        nonce, 24 bytes                        |
 *   +---------------------------------------------------------------+  32
 *   |                   encrypted cookie, ^16^ bytes                |
 *   +---------------------------------------------------------------+  64
 * </pre>
 */
public final class CookieReplyLayout {
  private static final int TYPE = 0;
  private static final int RECEIVER = TYPE + Integer.BYTES;

  /** Random nonce. */
  public static final int NONCE = RECEIVER + Integer.BYTES;

  /** Length of {@link #NONCE}. */
  public static final int NONCE_BYTES = 24;

  /** Sealed cookie. */
  public static final int COOKIE = NONCE + NONCE_BYTES;

  /** Length of {@link #COOKIE}: 16 bytes and tag. */
  public static final int COOKIE_BYTES = 16 + 16;

  /** Length of the message. */
  public static final int BYTES = COOKIE + COOKIE_BYTES;

  private CookieReplyLayout() {}

  /** Writes type and receiver index. */
  public static void begin(MemorySegment message, long offset, int receiverIndex) {
    message.set(LittleEndian.INT, offset + TYPE, MessageType.COOKIE_REPLY);
    message.set(LittleEndian.INT, offset + RECEIVER, receiverIndex);
  }

  /** The sender index of the handshake message that this answers. */
  public static int receiverIndex(MemorySegment message, long offset) {
    return message.get(LittleEndian.INT, offset + RECEIVER);
  }
}
