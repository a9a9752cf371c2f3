package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.memory.PacketBuffer;
import cloud.runbeam.wgagent.engine.memory.PacketBufferPool;
import cloud.runbeam.wgagent.engine.status.BufferSnapshot;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Copies what must outlive its batch (frames without a session, handshake messages) into pooled
 * buffers: small ones for what is common, a few large ones for jumbo frames and super-packets. Any
 * thread.
 *
 * @param small buffers of some 2 KiB
 * @param large buffers for the largest frame
 */
public record FrameStager(PacketBufferPool small, PacketBufferPool large) {
  /** A copy of {@code bytes} at {@code offset}, or null when no buffer is left. */
  @Nullable PacketBuffer copy(MemorySegment memory, long offset, int bytes) {
    PacketBuffer buffer = bytes <= small.bufferBytes() ? small.tryAcquire() : null;
    if (buffer == null) {
      buffer = large.tryAcquire();
    }
    if (buffer == null) {
      return null;
    }
    MemorySegment.copy(memory, offset, buffer.memory(), 0, bytes);
    buffer.setLength(bytes);
    return buffer;
  }

  /** How many buffers there are and how many are free. */
  public BufferSnapshot snapshot() {
    return new BufferSnapshot(
        small.available() + large.available(), small.capacity() + large.capacity());
  }
}
