package cloud.runbeam.wgagent.engine.counters;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A count with one writer that anyone may read. The write is an ordinary store (opaque: whole, and
 * seen eventually), so that counting costs the packet thread nothing; a reader may be a few packets
 * behind and never sees the count go back.
 */
public final class SingleWriterCounter {
  private static final VarHandle VALUE;

  static {
    try {
      VALUE = MethodHandles.lookup().findVarHandle(SingleWriterCounter.class, "value", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long value;

  /** Counts one. The writer's thread only. */
  public void increment() {
    add(1);
  }

  /** Adds {@code amount}. The writer's thread only. */
  public void add(long amount) {
    VALUE.setOpaque(this, value + amount);
  }

  /** The count. Any thread. */
  public long get() {
    return (long) VALUE.getOpaque(this);
  }
}
