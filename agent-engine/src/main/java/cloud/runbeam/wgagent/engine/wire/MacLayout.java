package cloud.runbeam.wgagent.engine.wire;

/**
 * The two MACs that both handshake messages end with (paper, section 5.4.4), by their distance from
 * the end of the message.
 *
 * <pre>
 *   | ... what mac1 covers ... | mac1, 16 bytes | mac2, 16 bytes |
 *   | ........... what mac2 covers .............|
 * </pre>
 */
public final class MacLayout {
  /** Length of one MAC. */
  public static final int MAC_BYTES = 16;

  /** Length of both. */
  public static final int BYTES = 2 * MAC_BYTES;

  private MacLayout() {}

  /** Where mac1 starts in a message of {@code messageBytes}. */
  public static int mac1(int messageBytes) {
    return messageBytes - BYTES;
  }

  /** Where mac2 starts in a message of {@code messageBytes}. */
  public static int mac2(int messageBytes) {
    return messageBytes - MAC_BYTES;
  }
}
