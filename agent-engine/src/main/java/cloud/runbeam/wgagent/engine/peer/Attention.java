package cloud.runbeam.wgagent.engine.peer;

/**
 * What a packet thread asks of the conductor for one peer, as bits. Asking twice is asking once, so
 * that a flood of packets leaves at most one entry per peer in the conductor's queue.
 */
public final class Attention {
  /** A packet waits and there is no session, or the session wants to be renewed. */
  public static final int HANDSHAKE_WANTED = 1;

  /**
   * The first message under the next keypair arrived: the initiator has our response (paper,
   * section 6.3).
   */
  public static final int KEYPAIR_CONFIRMED = 1 << 1;

  /** A timer of the peer that was not running has to be. */
  public static final int TIMERS_CHANGED = 1 << 2;

  /** Packets were staged although a session may have come up in the meantime. */
  public static final int PACKETS_STAGED = 1 << 3;

  /**
   * A session that we initiated is about to end and the peer still sends (kernel: keep_key_fresh on
   * receive).
   */
  public static final int LAST_MINUTE_HANDSHAKE = 1 << 4;

  private Attention() {}
}
