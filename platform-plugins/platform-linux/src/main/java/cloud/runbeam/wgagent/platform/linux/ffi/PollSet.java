package cloud.runbeam.wgagent.platform.linux.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The descriptors that one thread waits for, for reading unless said otherwise (poll(2)).
 *
 * <pre>
 *   struct pollfd   0   4       6        8
 *                  |fd |events |revents |
 * </pre>
 */
public final class PollSet implements AutoCloseable {
  private static final int FD_OFFSET = 0;
  private static final int EVENTS_OFFSET = 4;
  private static final int REVENTS_OFFSET = 6;
  private static final int POLLFD_BYTES = 8;
  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment pollfds;
  private final int count;

  /** Waits for these. */
  public PollSet(int... descriptors) {
    count = descriptors.length;
    pollfds = arena.allocate((long) POLLFD_BYTES * count, Integer.BYTES);
    for (int i = 0; i < count; i++) {
      set(i, descriptors[i], POLLIN);
    }
  }

  private void set(int index, int descriptor, short events) {
    long base = (long) index * POLLFD_BYTES;
    pollfds.set(ValueLayout.JAVA_INT, base + FD_OFFSET, descriptor);
    pollfds.set(ValueLayout.JAVA_SHORT, base + EVENTS_OFFSET, events);
  }

  /** Waits for descriptor {@code index} no longer. */
  public void ignore(int index) {
    // The kernel leaves out negative descriptors and reports no events for them.
    set(index, -1, POLLIN);
  }

  /**
   * Waits in place {@code index} until {@code descriptor} takes data, instead of what was there.
   */
  public void awaitWritable(int index, int descriptor) {
    set(index, descriptor, POLLOUT);
  }

  /**
   * Waits until one is ready or in error.
   *
   * @param timeoutMs how long at most, -1 for ever
   * @return how many are, or a negated errno
   */
  public int await(SystemCalls calls, int timeoutMs) {
    return calls.poll(pollfds.address(), count, timeoutMs);
  }

  /** Whether descriptor {@code index} was ready or in error after the last wait. */
  public boolean isReady(int index) {
    return pollfds.get(ValueLayout.JAVA_SHORT, (long) index * POLLFD_BYTES + REVENTS_OFFSET) != 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
