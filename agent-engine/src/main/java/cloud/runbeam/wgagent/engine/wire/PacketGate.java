package cloud.runbeam.wgagent.engine.wire;

import java.lang.foreign.MemorySegment;

/**
 * Turns bytes from the network into a message type, or refuses them. Nothing behind the gate meets
 * a message of another length than its type has, so field access there needs no further check.
 */
public final class PacketGate {
  /** What {@link #classify} returns for bytes that are no message. */
  public static final int MALFORMED = -1;

  private PacketGate() {}

  /**
   * What the {@code length} bytes at {@code offset} are, judged by type, reserved bits and length
   * alone. Allocates nothing.
   *
   * <p>A transport message may be of any length that holds a header and a tag, as in the Linux
   * kernel: that the paper's padding makes plaintexts a multiple of 16 long (section 5.4.6) is for
   * the sender to keep and for nobody to check.
   *
   * @return one of {@link MessageType}, or {@link #MALFORMED}
   */
  public static int classify(MemorySegment datagram, long offset, int length) {
    if (length < TransportLayout.MIN_BYTES) {
      return MALFORMED;
    }
    int type = datagram.get(LittleEndian.INT, offset);
    return switch (type) {
      case MessageType.TRANSPORT -> type;
      case MessageType.INITIATION -> length == InitiationLayout.BYTES ? type : MALFORMED;
      case MessageType.RESPONSE -> length == ResponseLayout.BYTES ? type : MALFORMED;
      case MessageType.COOKIE_REPLY -> length == CookieReplyLayout.BYTES ? type : MALFORMED;
      default -> MALFORMED;
    };
  }
}
