package cloud.runbeam.wgagent.engine.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Numbers the transport messages of a keypair (paper, section 5.4.6: the counter is the AEAD nonce,
 * so that none may ever be used twice). Counters are unsigned 64-bit values from 0.
 *
 * <p>Several threads may reserve; each gets a run of its own. Runs are handed out by
 * compare-and-set rather than by addition, so that no number of refused callers can push the
 * counter past its limit and round to zero.
 */
public final class SendCounter {
  /**
   * "Reject-After-Messages: 2^64 - 2^13 - 1 messages" (paper, section 6.1): this counter and those
   * above it are never sent or accepted.
   */
  public static final long REJECT_AFTER_MESSAGES = -(1L << 13) - 1;

  /**
   * "Rekey-After-Messages: 2^60 messages" (paper, section 6.1): a new handshake is wanted once so
   * many were sent.
   */
  public static final long REKEY_AFTER_MESSAGES = 1L << 60;

  /**
   * What {@link #reserve} returns when the counter is used up; above {@link
   * #REJECT_AFTER_MESSAGES}, so that no counter looks like it.
   */
  public static final long EXHAUSTED = -1;

  private static final VarHandle NEXT;

  static {
    try {
      NEXT = MethodHandles.lookup().findVarHandle(SendCounter.class, "next", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long next;

  /**
   * Takes {@code messages} consecutive counters.
   *
   * @param messages at least 1
   * @return the first of them, or {@link #EXHAUSTED} if not all are below {@link
   *     #REJECT_AFTER_MESSAGES}
   */
  public long reserve(int messages) {
    if (messages < 1) {
      throw new IllegalArgumentException("cannot reserve " + messages + " counters");
    }
    while (true) {
      long first = (long) NEXT.getOpaque(this);
      // What is left of the range, exact in unsigned arithmetic because the counter never passes
      // the limit.
      if (Long.compareUnsigned(REJECT_AFTER_MESSAGES - first, messages) < 0) {
        return EXHAUSTED;
      }
      if (NEXT.weakCompareAndSetPlain(this, first, first + messages)) {
        return first;
      }
    }
  }

  /** How many counters were taken, an unsigned value: the next one to be given. Any thread. */
  public long reserved() {
    return (long) NEXT.getOpaque(this);
  }

  /** Whether so many messages were sent that a new handshake is wanted. Any thread. */
  public boolean wantsRekey() {
    return Long.compareUnsigned(reserved(), REKEY_AFTER_MESSAGES) >= 0;
  }

  /** Whether no message may be sent any more. Any thread. */
  public boolean isExhausted() {
    return reserved() == REJECT_AFTER_MESSAGES;
  }

  /**
   * Leaves out all counters below {@code counter}; never goes back and never passes the limit.
   * Leaving counters out is always safe: this is how the behaviour at the limits is reached without
   * sending 2^60 messages.
   */
  public void skipTo(long counter) {
    long target =
        Long.compareUnsigned(counter, REJECT_AFTER_MESSAGES) > 0 ? REJECT_AFTER_MESSAGES : counter;
    while (true) {
      long seen = (long) NEXT.getOpaque(this);
      if (Long.compareUnsigned(seen, target) >= 0
          || NEXT.weakCompareAndSetPlain(this, seen, target)) {
        return;
      }
    }
  }
}
