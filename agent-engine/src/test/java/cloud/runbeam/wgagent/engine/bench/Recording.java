package cloud.runbeam.wgagent.engine.bench;

import java.lang.foreign.MemorySegment;

/**
 * Datagrams that were sent once and are received again and again: in a loop, with a call at every
 * new start, because a replay window accepts each of them once only. One thread.
 */
final class Recording {
  private final MemorySegment memory;
  private final long[] offsets;
  private final int[] lengths;
  private int size;
  private long used;
  private int next;
  private Runnable onRestart = () -> {};

  /** Room for {@code capacity} datagrams of up to {@code datagramBytes}. */
  Recording(int capacity, int datagramBytes) {
    memory = MemorySegment.ofArray(new byte[capacity * datagramBytes]);
    offsets = new long[capacity];
    lengths = new int[capacity];
  }

  boolean isFull() {
    return size == offsets.length;
  }

  void onRestart(Runnable action) {
    onRestart = action;
  }

  void add(MemorySegment source, long offset, int bytes) {
    MemorySegment.copy(source, offset, memory, used, bytes);
    offsets[size] = used;
    lengths[size++] = bytes;
    used += bytes;
  }

  /** Writes the next datagram to {@code target}; returns its length. */
  int playNext(MemorySegment target, long offset) {
    if (next == size) {
      next = 0;
      onRestart.run();
    }
    MemorySegment.copy(memory, offsets[next], target, offset, lengths[next]);
    return lengths[next++];
  }
}
