package cloud.runbeam.wgagent.engine.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pool of equal buffers. An empty pool is back-pressure: {@link #tryAcquire} says no, the
 * caller counts a drop and goes on.
 *
 * <p>Any thread may acquire, any thread may release, none ever waits. Free buffers form a stack of
 * indexes (the last one used is the one still in the cache); its head carries a version beside the
 * index so that a compare-and-set cannot mistake a head that was taken and returned for one that
 * stood still:
 *
 * <pre>
 *   head: | version : 32 | index + 1 : 32 |      0 in the lower half: empty
 * </pre>
 *
 * <p>Memory order: a releaser's writes happen before its compare-and-set of the head, and the next
 * borrower's compare-and-set reads it; so a buffer's content and its link are seen by whoever gets
 * it.
 *
 * <p>Memory is taken from the arena in slabs as demand first reaches them, because most devices
 * never use their whole bound. This is the only step under a lock, and it happens at most {@code
 * count / } {@value #BUFFERS_PER_SLAB} times in the life of a pool.
 */
public final class PacketBufferPool {
  private static final int BUFFERS_PER_SLAB = 32;
  private static final long INDEX_MASK = 0xFFFF_FFFFL;

  private static final VarHandle HEAD;
  private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

  static {
    try {
      HEAD = MethodHandles.lookup().findVarHandle(PacketBufferPool.class, "head", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final PacketArena arena;
  private final int count;
  private final int bufferBytes;
  private final Object growth = new Object();

  /** Written once per index under {@link #growth}, before the index can first be pushed. */
  private final @Nullable PacketBuffer[] buffers;

  /** The stack's links: index + 1 of the buffer below, 0 for none. */
  private final int[] below;

  /** How many buffers stand on the stack up to and including this one. */
  private final int[] height;

  @SuppressWarnings("UnusedVariable") // through HEAD
  private long head;

  /** Buffers that exist. Written under {@link #growth}. */
  private volatile int created;

  /**
   * A pool over {@code arena}, which must outlive the buffers.
   *
   * @param arena where slabs come from
   * @param count the largest number of buffers, at least 1
   * @param bufferBytes size of each, at least 1; rounded up to a multiple of 64
   */
  public PacketBufferPool(PacketArena arena, int count, int bufferBytes) {
    if (count < 1 || bufferBytes < 1 || bufferBytes > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(count + " buffers of " + bufferBytes + " bytes");
    }
    this.arena = arena;
    this.count = count;
    this.bufferBytes = (bufferBytes + 63) & -64;
    this.buffers = new PacketBuffer[count];
    this.below = new int[count];
    this.height = new int[count];
  }

  /** Size of every buffer in bytes. */
  public int bufferBytes() {
    return bufferBytes;
  }

  /** The largest number of buffers. */
  public int capacity() {
    return count;
  }

  /**
   * Buffers that could be acquired now, those without memory yet included; exact while nobody
   * acquires or releases.
   */
  public int available() {
    int top = (int) ((long) HEAD.getVolatile(this) & INDEX_MASK);
    int free = top == 0 ? 0 : (int) INTS.getOpaque(height, top - 1);
    return free + count - created;
  }

  /** A buffer of length 0 with arbitrary content, or null when all are lent. */
  public @Nullable PacketBuffer tryAcquire() {
    while (true) {
      PacketBuffer buffer = pop();
      if (buffer != null) {
        return buffer;
      }
      if (!grow()) {
        // Growth may have been done by another thread, or a buffer may have come back meanwhile.
        return pop();
      }
    }
  }

  private @Nullable PacketBuffer pop() {
    while (true) {
      long seen = (long) HEAD.getVolatile(this);
      int top = (int) (seen & INDEX_MASK);
      if (top == 0) {
        return null;
      }
      int next = (int) INTS.getOpaque(below, top - 1);
      if (HEAD.compareAndSet(this, seen, successor(seen, next))) {
        PacketBuffer buffer = Objects.requireNonNull(buffers[top - 1]);
        buffer.borrow();
        return buffer;
      }
    }
  }

  void push(PacketBuffer buffer) {
    int index = buffer.index();
    while (true) {
      long seen = (long) HEAD.getVolatile(this);
      int top = (int) (seen & INDEX_MASK);
      INTS.setOpaque(below, index, top);
      INTS.setOpaque(height, index, 1 + (top == 0 ? 0 : (int) INTS.getOpaque(height, top - 1)));
      if (HEAD.compareAndSet(this, seen, successor(seen, index + 1))) {
        return;
      }
    }
  }

  private static long successor(long seen, int index) {
    return (((seen >>> 32) + 1) << 32) | index;
  }

  /** Makes one more slab unless the bound is reached; true if buffers may have been added. */
  private boolean grow() {
    synchronized (growth) {
      int first = created;
      if (((long) HEAD.getVolatile(this) & INDEX_MASK) != 0) {
        return true;
      }
      int added = Math.min(BUFFERS_PER_SLAB, count - first);
      if (added == 0) {
        return false;
      }
      MemorySegment slab = arena.allocate((long) added * bufferBytes, 64);
      for (int i = 0; i < added; i++) {
        buffers[first + i] =
            new PacketBuffer(this, slab.asSlice((long) i * bufferBytes, bufferBytes), first + i);
      }
      created = first + added;
      // Pushed from the last to the first, so that a quiet pool keeps using its first buffers.
      for (int i = added - 1; i >= 0; i--) {
        push(Objects.requireNonNull(buffers[first + i]));
      }
      return true;
    }
  }
}
