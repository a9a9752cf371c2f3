package cloud.runbeam.wgagent.engine.wire;

import java.lang.foreign.MemorySegment;

/**
 * Handshake response (paper, section 5.4.3). {@code ^n^} is {@code n} bytes of ciphertext and 16 of
 * tag.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+-----------------------------------------------+   0
 *   |   type = 2    |                 reserved = 0                  |
 *   +---------------+-----------------------------------------------+   4
 *   |                         sender index                          |
 *   +---------------------------------------------------------------+   8
 *   |                        receiver index                         |
 *   +---------------------------------------------------------------+  12
 *   |                 unencrypted ephemeral, 32 bytes               |
 *   +---------------------------------------------------------------+  44
 *   |                   encrypted nothing, ^0^ bytes                |
 *   +---------------------------------------------------------------+  60
 *   |                         mac1, 16 bytes                        |
 *   +---------------------------------------------------------------+  76
 *   |                         mac2, 16 bytes                        |
 *   +---------------------------------------------------------------+  92
 * </pre>
 */
public final class ResponseLayout {
  private static final int TYPE = 0;
  private static final int SENDER = TYPE + Integer.BYTES;
  private static final int RECEIVER = SENDER + Integer.BYTES;

  /** Public ephemeral key, 32 bytes. */
  public static final int EPHEMERAL = RECEIVER + Integer.BYTES;

  /** The seal over nothing. */
  public static final int EMPTY = EPHEMERAL + 32;

  /** Length of {@link #EMPTY}: a tag. */
  public static final int EMPTY_BYTES = 16;

  /** First of the two trailing MACs, see {@link MacLayout}. */
  public static final int MACS = EMPTY + EMPTY_BYTES;

  /** Length of the message. */
  public static final int BYTES = MACS + MacLayout.BYTES;

  private ResponseLayout() {}

  /** Writes type and indexes, and zeros where the MACs will be. */
  public static void begin(MemorySegment message, long offset, int senderIndex, int receiverIndex) {
    message.set(LittleEndian.INT, offset + TYPE, MessageType.RESPONSE);
    message.set(LittleEndian.INT, offset + SENDER, senderIndex);
    message.set(LittleEndian.INT, offset + RECEIVER, receiverIndex);
    message.asSlice(offset + MACS, MacLayout.BYTES).fill((byte) 0);
  }

  /** The index by which the responder will know the session. */
  public static int senderIndex(MemorySegment message, long offset) {
    return message.get(LittleEndian.INT, offset + SENDER);
  }

  /** The sender index of the initiation that this answers. */
  public static int receiverIndex(MemorySegment message, long offset) {
    return message.get(LittleEndian.INT, offset + RECEIVER);
  }
}
