package cloud.runbeam.wgagent.engine.wire;

import java.lang.foreign.MemorySegment;

/**
 * Handshake initiation (paper, section 5.4.2). {@code ^n^} is {@code n} bytes of ciphertext and 16
 * of tag.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+-----------------------------------------------+   0
 *   |   type = 1    |                 reserved = 0                  |
 *   +---------------+-----------------------------------------------+   4
 *   |                         sender index                          |
 *   +---------------------------------------------------------------+   8
 *   |                 unencrypted ephemeral, 32 bytes               |
 *   +---------------------------------------------------------------+  40
 *   |                   encrypted static, ^32^ bytes                |
 *   +---------------------------------------------------------------+  88
 *   |                 encrypted timestamp, ^12^ bytes               |
 *   +---------------------------------------------------------------+ 116
 *   |                         mac1, 16 bytes                        |
 *   +---------------------------------------------------------------+ 132
 *   |                         mac2, 16 bytes                        |
 *   +---------------------------------------------------------------+ 148
 * </pre>
 */
public final class InitiationLayout {
  private static final int TYPE = 0;
  private static final int SENDER = TYPE + Integer.BYTES;

  /** Public ephemeral key, 32 bytes. */
  public static final int EPHEMERAL = SENDER + Integer.BYTES;

  /** Sealed static public key. */
  public static final int STATIC = EPHEMERAL + 32;

  /** Length of {@link #STATIC}: key and tag. */
  public static final int STATIC_BYTES = 32 + 16;

  /** Sealed TAI64N. */
  public static final int TIMESTAMP = STATIC + STATIC_BYTES;

  /** Length of {@link #TIMESTAMP}: 12 bytes and tag. */
  public static final int TIMESTAMP_BYTES = 12 + 16;

  /** First of the two trailing MACs, see {@link MacLayout}. */
  public static final int MACS = TIMESTAMP + TIMESTAMP_BYTES;

  /** Length of the message. */
  public static final int BYTES = MACS + MacLayout.BYTES;

  private InitiationLayout() {}

  /** Writes type and sender index, and zeros where the MACs will be. */
  public static void begin(MemorySegment message, long offset, int senderIndex) {
    message.set(LittleEndian.INT, offset + TYPE, MessageType.INITIATION);
    message.set(LittleEndian.INT, offset + SENDER, senderIndex);
    message.asSlice(offset + MACS, MacLayout.BYTES).fill((byte) 0);
  }

  /** The index by which the initiator will know the session. */
  public static int senderIndex(MemorySegment message, long offset) {
    return message.get(LittleEndian.INT, offset + SENDER);
  }
}
