package cloud.runbeam.wgagent.engine.peer;

import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.status.LinkQuality;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Loss, reordering and duplication of what a peer sends us, for free: a sender numbers its packets
 * without gaps, so that the counters say how many there were.
 *
 * <pre>
 *   slots of 10 s in a ring:  | numbered | received | reordered | duplicate |  six of them are the last minute
 * </pre>
 *
 * <p>The inbound thread writes, once per run of packets from one keypair; any thread reads values
 * that may be of one run more or less. A packet that comes in a later slot than the one in which it
 * was missed makes that slot's loss too high by one and this slot's too low.
 */
public final class ReceiveQuality {
  private static final int SLOTS = 6;
  private static final long SLOT_NS = 10_000_000_000L;
  private static final int NUMBERED = 0;
  private static final int RECEIVED = 1;
  private static final int REORDERED = 2;
  private static final int DUPLICATE = 3;
  private static final int EPOCH = 4;
  private static final int WIDTH = 5;
  private static final long NEVER = Long.MIN_VALUE;

  private static final VarHandle LAST_RECEIVED;

  static {
    try {
      LAST_RECEIVED =
          MethodHandles.lookup().findVarHandle(ReceiveQuality.class, "lastReceivedNs", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // The inbound thread.
  private final AtomicLongArray ring = new AtomicLongArray(SLOTS * WIDTH);
  private long lastReceivedNs = NEVER;
  private @Nullable Keypair keypair;
  private long highest;

  /**
   * Takes in a run of packets that were accepted.
   *
   * @param from the keypair they came under
   * @param highestCounter the highest counter accepted under it so far
   * @param packets accepted in this run
   * @param reordered how many of them came behind a later one
   */
  public void received(
      Keypair from, long highestCounter, long packets, long reordered, long nowNs) {
    LAST_RECEIVED.setOpaque(this, nowNs);
    int slot = slot(nowNs);
    if (from != keypair) {
      if (keypair != null && from.ageNs(nowNs) > keypair.ageNs(nowNs)) {
        return; // late packets of the session before: their numbers were counted when it was
        // current
      }
      keypair = from;
      highest = -1;
    }
    add(slot + NUMBERED, highestCounter - highest);
    add(slot + RECEIVED, packets);
    add(slot + REORDERED, reordered);
    highest = highestCounter;
  }

  /** Takes in a packet that was seen before. */
  public void duplicate(long nowNs) {
    add(slot(nowNs) + DUPLICATE, 1);
  }

  /** The last minute. Any thread. */
  public LinkQuality snapshot(long nowNs) {
    long last = (long) LAST_RECEIVED.getOpaque(this);
    if (last == NEVER) {
      return LinkQuality.UNKNOWN;
    }
    long oldest = nowNs / SLOT_NS - SLOTS + 1;
    long[] sums = new long[EPOCH];
    for (int slot = 0; slot < SLOTS * WIDTH; slot += WIDTH) {
      if (ring.getOpaque(slot + EPOCH) >= oldest) {
        for (int i = 0; i < EPOCH; i++) {
          sums[i] += ring.getOpaque(slot + i);
        }
      }
    }
    return new LinkQuality(
        ratio(sums[NUMBERED] - sums[RECEIVED], sums[NUMBERED]),
        ratio(sums[REORDERED], sums[RECEIVED]),
        ratio(sums[DUPLICATE], sums[RECEIVED]),
        Optional.of(Duration.ofNanos(Math.max(0, nowNs - last))));
  }

  private static OptionalDouble ratio(long part, long whole) {
    return whole <= 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.clamp((double) part / whole, 0.0, 1.0));
  }

  private int slot(long nowNs) {
    long epoch = nowNs / SLOT_NS;
    int slot = (int) Math.floorMod(epoch, (long) SLOTS) * WIDTH;
    if (ring.getPlain(slot + EPOCH) != epoch) {
      for (int i = 0; i < EPOCH; i++) {
        ring.setOpaque(slot + i, 0);
      }
      ring.setOpaque(slot + EPOCH, epoch);
    }
    return slot;
  }

  private void add(int index, long amount) {
    ring.setOpaque(index, ring.getPlain(index) + amount);
  }
}
