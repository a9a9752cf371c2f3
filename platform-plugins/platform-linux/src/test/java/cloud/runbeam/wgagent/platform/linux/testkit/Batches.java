package cloud.runbeam.wgagent.platform.linux.testkit;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Batches over memory that lives as long as they do. */
public final class Batches {
  private Batches() {}

  /** An empty batch with room for {@code slots} of the longest frames. */
  public static PacketBatch packets(int slots, int capacity) {
    return new PacketBatch(
        Arena.ofAuto().allocate((long) slots * PacketBatch.MAX_FRAME_BYTES, 64), capacity);
  }

  /** An empty batch of datagrams. */
  public static DatagramBatch datagrams(int slots, int capacity) {
    return new DatagramBatch(packets(slots, capacity), capacity);
  }

  /** Appends a packet. */
  public static void append(PacketBatch batch, byte[] bytes) {
    batch.memory().asSlice(batch.position(), bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    batch.append(bytes.length);
  }

  /** Appends a datagram. */
  public static void append(DatagramBatch batch, byte[] bytes, Endpoint destination) {
    PacketBatch packets = batch.packets();
    packets
        .memory()
        .asSlice(packets.position(), bytes.length)
        .copyFrom(MemorySegment.ofArray(bytes));
    batch.append(bytes.length, destination);
  }

  /** A copy of packet {@code index}. */
  public static byte[] bytes(PacketBatch batch, int index) {
    return batch
        .memory()
        .asSlice(batch.offset(index), batch.length(index))
        .toArray(ValueLayout.JAVA_BYTE);
  }
}
