package cloud.runbeam.wgagent.platform.linux.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A block of zeroed native memory for the arguments of calls off the packet path. Put something in,
 * pass the address that comes back. Any thread, one at a time; using it after {@link #close}
 * throws.
 */
public final class NativeScratch implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  /** A block of {@code bytes} bytes. */
  public NativeScratch(int bytes) {
    memory = arena.allocate(bytes, Long.BYTES);
  }

  /**
   * {@code text} with a terminating zero, in memory that lives as long as somebody refers to it.
   */
  public static MemorySegment cString(String text) {
    return Arena.ofAuto().allocateFrom(text, StandardCharsets.UTF_8);
  }

  /** The block itself. */
  public MemorySegment memory() {
    return memory;
  }

  /** Address of {@code bytes} bytes at {@code offset}. */
  public long address(long offset, long bytes) {
    return SystemCalls.address(memory, offset, bytes);
  }

  /** Puts an int in host order; its address. */
  public long putInt(long offset, int value) {
    memory.set(ValueLayout.JAVA_INT_UNALIGNED, offset, value);
    return address(offset, Integer.BYTES);
  }

  /** Puts a short in host order; its address. */
  public long putShort(long offset, short value) {
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, value);
    return address(offset, Short.BYTES);
  }

  /** The int in host order at {@code offset}. */
  public int getInt(long offset) {
    return memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
  }

  /** Puts bytes; their address. */
  public long put(long offset, byte[] bytes) {
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, bytes.length);
    return address(offset, bytes.length);
  }

  /** A copy of {@code bytes} bytes at {@code offset}. */
  public byte[] get(long offset, int bytes) {
    return memory.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Zeroes the block. */
  public void clear() {
    memory.fill((byte) 0);
  }

  @Override
  public void close() {
    arena.close();
  }
}
