package cloud.runbeam.wgagent.engine.counters;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lost packets by {@link DropReason}, of one peer or of one device. Any thread may count and read,
 * without locks.
 *
 * <p>Each loss is one atomic addition (some 20 cycles, next to the microsecond that was spent on
 * the packet). Outbound and inbound reasons stand a cache line apart, so that the two packet
 * threads do not slow one another down even while both lose packets. A peer that lost nothing holds
 * no table: with 10,000 peers that is most of them.
 */
@SuppressWarnings(
    "EnumOrdinal") // The counts stand in an array in the order of the constants; nothing outlives
// the process.
public final class DropCounters {
  private static final DropReason[] REASONS = DropReason.values();
  private static final int FIRST_INBOUND = DropReason.MALFORMED_MESSAGE.ordinal();

  /**
   * 64-byte cache lines hold eight counts; one line of distance keeps the halves apart wherever the
   * array starts.
   */
  private static final int GAP = 8;

  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle TABLE;

  static {
    try {
      TABLE = MethodHandles.lookup().findVarHandle(DropCounters.class, "table", long[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long @Nullable [] table;

  /** Counts one loss. */
  public void count(DropReason reason) {
    add(reason, 1);
  }

  /** Counts {@code packets} losses of one kind. */
  public void add(DropReason reason, long packets) {
    if (packets != 0) {
      COUNTS.getAndAdd(tableForWriting(), slot(reason), packets);
    }
  }

  /** Losses of one kind. */
  public long get(DropReason reason) {
    long[] counts = (long[]) TABLE.getAcquire(this);
    return counts == null ? 0 : (long) COUNTS.getOpaque(counts, slot(reason));
  }

  /** All losses. */
  public long total() {
    long total = 0;
    for (DropReason reason : REASONS) {
      total += get(reason);
    }
    return total;
  }

  /** The reasons that occurred, with their counts; read one by one while counting goes on. */
  public Map<DropReason, Long> snapshot() {
    Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
    for (DropReason reason : REASONS) {
      long count = get(reason);
      if (count != 0) {
        drops.put(reason, count);
      }
    }
    return drops;
  }

  private long[] tableForWriting() {
    long[] counts = (long[]) TABLE.getAcquire(this);
    if (counts != null) {
      return counts;
    }
    long[] fresh = new long[REASONS.length + GAP];
    long[] existing = (long[]) TABLE.compareAndExchange(this, (long[]) null, fresh);
    return existing == null ? fresh : existing;
  }

  private static int slot(DropReason reason) {
    int ordinal = reason.ordinal();
    return ordinal < FIRST_INBOUND ? ordinal : ordinal + GAP;
  }
}
