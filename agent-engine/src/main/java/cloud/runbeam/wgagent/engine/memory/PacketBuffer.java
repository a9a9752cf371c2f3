package cloud.runbeam.wgagent.engine.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Room for one packet, borrowed from a {@link PacketBufferPool} until {@link #close}.
 *
 * <p>Belongs to one owner at a time. Handing it to another thread needs a queue or another
 * release/acquire pair, as for any object.
 */
public final class PacketBuffer implements AutoCloseable {
  private static final VarHandle BORROWED;

  static {
    try {
      BORROWED =
          MethodHandles.lookup().findVarHandle(PacketBuffer.class, "borrowed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final PacketBufferPool pool;
  private final MemorySegment memory;
  private final int index;
  private int length;

  @SuppressWarnings("UnusedVariable") // through BORROWED
  private boolean borrowed;

  PacketBuffer(PacketBufferPool pool, MemorySegment memory, int index) {
    this.pool = pool;
    this.memory = memory;
    this.index = index;
  }

  /** The whole room; the packet starts at 0. */
  public MemorySegment memory() {
    return memory;
  }

  /** Bytes of the packet; 0 after it was borrowed. */
  public int length() {
    return length;
  }

  /** Says how many bytes the packet has. */
  public void setLength(int bytes) {
    if (bytes < 0 || bytes > memory.byteSize()) {
      throw new IndexOutOfBoundsException(bytes + " bytes in a buffer of " + memory.byteSize());
    }
    length = bytes;
  }

  /**
   * Gives the room back to the pool; the content stays as it is.
   *
   * @throws IllegalStateException if it was given back already: two owners would follow
   */
  @Override
  public void close() {
    if (!BORROWED.compareAndSet(this, true, false)) {
      throw new IllegalStateException("packet buffer " + index + " was released twice");
    }
    pool.push(this);
  }

  int index() {
    return index;
  }

  void borrow() {
    length = 0;
    BORROWED.setOpaque(this, true);
  }
}
