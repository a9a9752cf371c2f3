package cloud.runbeam.wgagent.engine.memory;

import java.lang.foreign.MemorySegment;

/**
 * Packets that lie one behind the other in one slab of off-heap memory, in order, reused for every
 * round of a packet thread.
 *
 * <pre>
 *   memory: |..packet 0..|pad|..packet 1..|pad|.....free.....|
 *            ^offset(0)       ^offset(1)       ^position
 * </pre>
 *
 * <p>Not thread-safe: a batch belongs to one thread. The memory belongs to the {@link PacketArena}
 * that made it.
 */
public final class PacketBatch {
  /**
   * The largest frame: an IP packet of 65,535 bytes behind the longest frame header, rounded up to
   * 64.
   */
  public static final int MAX_FRAME_BYTES = 65_600;

  private final MemorySegment memory;
  private final int memoryBytes;
  private final int[] offsets;
  private final int[] lengths;
  private int size;
  private int position;

  /**
   * A batch over {@code memory}.
   *
   * @param memory the slab, at least {@link #MAX_FRAME_BYTES} and less than 2 GiB
   * @param capacity the largest number of packets, at least 1
   */
  public PacketBatch(MemorySegment memory, int capacity) {
    if (memory.byteSize() < MAX_FRAME_BYTES || memory.byteSize() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("slab of " + memory.byteSize() + " bytes");
    }
    this.memory = memory;
    this.memoryBytes = (int) memory.byteSize();
    this.offsets = new int[capacity];
    this.lengths = new int[capacity];
  }

  /** The slab; packet {@code i} is at {@code offset(i)}. */
  public MemorySegment memory() {
    return memory;
  }

  /** The number of packets held. */
  public int size() {
    return size;
  }

  /** Whether there is no packet. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Where packet {@code index} starts in {@link #memory}. */
  public int offset(int index) {
    return offsets[index];
  }

  /** Length of packet {@code index} in bytes. */
  public int length(int index) {
    return lengths[index];
  }

  /**
   * Shortens or lengthens packet {@code index}; the caller knows that the room behind it is its
   * own.
   */
  public void setLength(int index, int bytes) {
    lengths[index] = bytes;
  }

  /**
   * First free byte: where the next packet may be written before {@link #append} makes it part of
   * the batch.
   */
  public int position() {
    return position;
  }

  /** Free bytes from {@link #position} on. */
  public int remaining() {
    return memoryBytes - position;
  }

  /** How many more packets may be appended, whatever their length. */
  public int freePlaces() {
    return offsets.length - size;
  }

  /** Whether one more packet of up to {@code bytes} fits. */
  public boolean hasRoom(int bytes) {
    return size < offsets.length && remaining() >= bytes;
  }

  /**
   * Moves {@link #position} forward to a multiple of {@code alignment}, a power of two; packets
   * stay adjacent where this is not called.
   */
  public void alignPosition(int alignment) {
    position = Math.min(memoryBytes, (position + alignment - 1) & -alignment);
  }

  /** Makes the {@code bytes} at {@link #position} the next packet. */
  public void append(int bytes) {
    appendAt(position, bytes);
  }

  /** Makes {@code bytes} at {@code offset}, at or behind {@link #position}, the next packet. */
  public void appendAt(int offset, int bytes) {
    if (bytes < 0 || offset < position || offset + (long) bytes > memoryBytes) {
      throw new IndexOutOfBoundsException(offset + "+" + bytes + " in " + memoryBytes);
    }
    offsets[size] = offset;
    lengths[size] = bytes;
    size++;
    position = offset + bytes;
  }

  /** Makes the {@code bytes} at {@link #position} part of the last packet. */
  public void extendLast(int bytes) {
    if (bytes < 0 || bytes > remaining()) {
      throw new IndexOutOfBoundsException(position + "+" + bytes + " in " + memoryBytes);
    }
    lengths[size - 1] += bytes;
    position += bytes;
  }

  /** Forgets all packets; the memory keeps its content. */
  public void clear() {
    size = 0;
    position = 0;
  }
}
