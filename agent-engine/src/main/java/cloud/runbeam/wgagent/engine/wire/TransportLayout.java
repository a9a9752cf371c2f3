package cloud.runbeam.wgagent.engine.wire;

import java.lang.foreign.MemorySegment;

/**
 * Transport data (paper, section 5.4.6). {@code ^n^} is {@code n} bytes of ciphertext and 16 of
 * tag.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+-----------------------------------------------+   0
 *   |   type = 4    |                 reserved = 0                  |
 *   +---------------+-----------------------------------------------+   4
 *   |                        receiver index                         |
 *   +---------------------------------------------------------------+   8
 *   |                            counter                            |
 *   |                                                               |
 *   +---------------------------------------------------------------+  16
 *   |             encrypted packet, ^n^ bytes, n >= 0               |
 *   +---------------------------------------------------------------+
 * </pre>
 */
public final class TransportLayout {
  private static final int TYPE = 0;
  private static final int RECEIVER = TYPE + Integer.BYTES;
  private static final int COUNTER = RECEIVER + Integer.BYTES;

  /** Sealed packet; also the length of the header. */
  public static final int CIPHERTEXT = COUNTER + Long.BYTES;

  /** Length of the shortest message, a keepalive: header and tag. */
  public static final int MIN_BYTES = CIPHERTEXT + 16;

  private TransportLayout() {}

  /** Writes the header. */
  public static void begin(MemorySegment message, long offset, int receiverIndex, long counter) {
    message.set(LittleEndian.INT, offset + TYPE, MessageType.TRANSPORT);
    message.set(LittleEndian.INT, offset + RECEIVER, receiverIndex);
    message.set(LittleEndian.LONG, offset + COUNTER, counter);
  }

  /** The receiver's index of the session. */
  public static int receiverIndex(MemorySegment message, long offset) {
    return message.get(LittleEndian.INT, offset + RECEIVER);
  }

  /** The packet's number, unsigned. */
  public static long counter(MemorySegment message, long offset) {
    return message.get(LittleEndian.LONG, offset + COUNTER);
  }
}
