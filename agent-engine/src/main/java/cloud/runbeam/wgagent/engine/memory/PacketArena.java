package cloud.runbeam.wgagent.engine.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sole owner of a device's off-heap packet memory. Everything that is carved out of it dies
 * with {@link #close}; an access after that throws {@link IllegalStateException} instead of
 * touching freed memory.
 *
 * <p>Any thread may allocate. Whoever closes knows that the packet threads have ended: a system
 * call that still holds a segment makes {@link #close} fail.
 */
public final class PacketArena implements AutoCloseable {
  private static final AtomicInteger OPEN_ARENAS = new AtomicInteger();
  private static final AtomicLong ALLOCATED_BYTES = new AtomicLong();

  private final Arena arena = Arena.ofShared();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** An empty arena; it counts as open until it is closed. */
  public PacketArena() {
    OPEN_ARENAS.incrementAndGet();
  }

  /**
   * Allocates zeroed memory that lives as long as the arena.
   *
   * @param bytes at least 1
   * @param alignment in bytes, a power of two
   * @throws IllegalStateException if the arena is closed
   */
  public MemorySegment allocate(long bytes, long alignment) {
    if (bytes < 1) {
      throw new IllegalArgumentException("cannot allocate " + bytes + " bytes");
    }
    MemorySegment memory = arena.allocate(bytes, alignment);
    this.bytes.addAndGet(bytes);
    ALLOCATED_BYTES.addAndGet(bytes);
    return memory;
  }

  /** Bytes allocated from this arena so far; 0 once it is closed. */
  public long allocatedBytes() {
    return bytes.get();
  }

  /** Frees all memory. Further calls do nothing. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      arena.close();
    } catch (IllegalStateException stillInUse) {
      // A native call holds a segment: nothing was freed, so that a later close can succeed.
      closed.set(false);
      throw stillInUse;
    }
    ALLOCATED_BYTES.addAndGet(-bytes.getAndSet(0));
    OPEN_ARENAS.decrementAndGet();
  }

  /** Arenas of this process that are not closed: what a leak check compares. */
  public static int openArenas() {
    return OPEN_ARENAS.get();
  }

  /** Bytes that all open arenas of this process hold. */
  public static long totalAllocatedBytes() {
    return ALLOCATED_BYTES.get();
  }
}
