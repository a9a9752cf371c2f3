package cloud.runbeam.wgagent.engine.wire;

/**
 * The first four bytes of every message, little-endian: the type in the first, three reserved zeros
 * behind it (paper, section 5.4).
 *
 * <p>Plain numbers, because the packet path compares them.
 */
public final class MessageType {
  /** Handshake initiation, {@link InitiationLayout}. */
  public static final int INITIATION = 1;

  /** Handshake response, {@link ResponseLayout}. */
  public static final int RESPONSE = 2;

  /** Cookie reply, {@link CookieReplyLayout}. */
  public static final int COOKIE_REPLY = 3;

  /** Transport data, {@link TransportLayout}. */
  public static final int TRANSPORT = 4;

  private MessageType() {}
}
