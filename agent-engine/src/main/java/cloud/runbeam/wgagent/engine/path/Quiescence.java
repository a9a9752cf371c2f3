package cloud.runbeam.wgagent.engine.path;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Tells the conductor when a packet thread can no longer hold what was unpublished:
 * read-copy-update with one counter per reader.
 *
 * <pre>
 *   even: outside, holds nothing      enter() -> odd: inside, may hold keypairs and peers      exit() -> even
 * </pre>
 *
 * <p>The reader's {@link #enter} is a volatile write followed by a full fence, so that no read of a
 * shared table moves before it; the conductor unpublishes, fences, then reads the counter: either
 * it sees odd and waits until the counter has moved, or the reader entered later and sees the table
 * without the unpublished entry (store-load on both sides, as in Dekker's algorithm).
 */
public final class Quiescence {
  private static final VarHandle ROUNDS;

  static {
    try {
      ROUNDS = MethodHandles.lookup().findVarHandle(Quiescence.class, "rounds", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Written by the reader only.
  private long rounds;

  /** The reader begins a batch. */
  public void enter() {
    ROUNDS.setVolatile(this, rounds + 1);
    VarHandle.fullFence();
  }

  /** The reader is done with a batch and holds nothing of it. */
  public void exit() {
    ROUNDS.setRelease(this, rounds + 1);
  }

  /** The conductor's ticket, to be taken after unpublishing; see {@link #hasPassed}. */
  public long ticket() {
    VarHandle.fullFence();
    return (long) ROUNDS.getVolatile(this);
  }

  /** Whether the reader has let go of everything unpublished before {@code ticket} was taken. */
  public boolean hasPassed(long ticket) {
    return (ticket & 1) == 0 || (long) ROUNDS.getAcquire(this) != ticket;
  }
}
