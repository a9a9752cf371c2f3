package cloud.runbeam.wgagent.engine.cookie;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.util.concurrent.TimeUnit;

/**
 * How often one source may have a handshake message computed (WireGuard paper, section 5.3): 20 a
 * second after a burst of 5, for each IPv4 address and each IPv6 /64, the numbers of the Linux
 * kernel.
 *
 * <p>A token bucket is kept as one number, the time at which it will be full again; each message
 * moves that time on by the cost of one. A bucket that is full is as good as none, so its slot is
 * free for another source, and nothing has to be swept.
 *
 * <pre>
 *   set of 8 slots, chosen by a keyed hash of the source:  | source, full at | source, full at | ... |
 * </pre>
 *
 * <p>Memory is bounded: when all slots of a set are in use, a further source is refused until one
 * has been quiet for a moment. Which set a source falls into is hidden behind a random key, so that
 * nobody can aim at another's. Memory is taken when the first source is judged.
 *
 * <p>One thread.
 */
public final class HandshakeRateLimiter {
  /** Messages per second in the long run. */
  public static final int MESSAGES_PER_SECOND = 20;

  /** Messages at once after a pause. */
  public static final int BURST_MESSAGES = 5;

  private static final long MESSAGE_COST_NS = TimeUnit.SECONDS.toNanos(1) / MESSAGES_PER_SECOND;
  private static final long BUCKET_NS = BURST_MESSAGES * MESSAGE_COST_NS;

  private static final int SLOTS_PER_SET = 8;

  /** Longs per slot: address high, address low, time at which the bucket is full. */
  private static final int SLOT_LONGS = 3;

  private final int sets;
  private final long hashKey0;
  private final long hashKey1;
  private long[] slots = new long[0];

  /**
   * A limiter.
   *
   * @param capacity how many sources can be told apart at a time; a power of two, at least 8. One
   *     takes 24 bytes
   */
  public HandshakeRateLimiter(int capacity, EntropySource entropy) {
    if (capacity < SLOTS_PER_SET || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("capacity " + capacity + " is no power of two from 8 on");
    }
    sets = capacity / SLOTS_PER_SET;
    hashKey0 = (long) entropy.nextInt() << 32 | Integer.toUnsignedLong(entropy.nextInt());
    hashKey1 = (long) entropy.nextInt() << 32 | Integer.toUnsignedLong(entropy.nextInt());
  }

  /** Whether {@code source} may have one more message computed now; if so, it is counted. */
  public boolean allow(Endpoint source, long nowNs) {
    long high = source.addressHigh();
    // The rest of an IPv6 address costs its owner nothing to change.
    long low = source.isIpv4() ? source.addressLow() : 0;
    if (slots.length == 0) {
      slots = emptySlots(nowNs);
    }
    int set = (int) (SipHash.hash(hashKey0, hashKey1, high, low) & (sets - 1));
    int first = set * SLOTS_PER_SET * SLOT_LONGS;
    int free = -1;
    for (int slot = first; slot < first + SLOTS_PER_SET * SLOT_LONGS; slot += SLOT_LONGS) {
      long untilFullNs = slots[slot + 2] - nowNs;
      if (untilFullNs <= 0) {
        free = slot;
      } else if (slots[slot] == high && slots[slot + 1] == low) {
        if (untilFullNs + MESSAGE_COST_NS > BUCKET_NS) {
          return false;
        }
        slots[slot + 2] += MESSAGE_COST_NS;
        return true;
      }
    }
    if (free < 0) {
      return false;
    }
    slots[free] = high;
    slots[free + 1] = low;
    slots[free + 2] = nowNs + MESSAGE_COST_NS;
    return true;
  }

  private long[] emptySlots(long nowNs) {
    long[] empty = new long[sets * SLOTS_PER_SET * SLOT_LONGS];
    for (int slot = 0; slot < empty.length; slot += SLOT_LONGS) {
      empty[slot + 2] = nowNs;
    }
    return empty;
  }
}
