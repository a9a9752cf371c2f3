package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The rest of one received train whose datagrams outnumbered the places in a batch. Seldom needed,
 * since a receiver asks for no more trains than the batch has places for; allocated when it is. The
 * receiving thread's only.
 */
final class Leftover {
  private byte[] bytes = {};
  private int start;
  private int end;
  private int segmentBytes;

  private long addressHigh;
  private long addressLow;
  private int port;
  private int scopeId;
  private long sourceHigh;
  private long sourceLow;
  private int sourceInterface;

  boolean isEmpty() {
    return start == end;
  }

  /** Copies {@code length} bytes at {@code offset}, which are datagrams of {@code segmentBytes}. */
  void keep(MemorySegment memory, int offset, int length, int segmentBytes) {
    if (bytes.length < length) {
      bytes = new byte[length];
    }
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
    this.start = 0;
    this.end = length;
    this.segmentBytes = segmentBytes;
  }

  /** Says where they came from, as {@link DatagramBatch#setOrigin}. */
  void setOrigin(
      long addressHigh,
      long addressLow,
      int port,
      int scopeId,
      long sourceHigh,
      long sourceLow,
      int sourceInterface) {
    this.addressHigh = addressHigh;
    this.addressLow = addressLow;
    this.port = port;
    this.scopeId = scopeId;
    this.sourceHigh = sourceHigh;
    this.sourceLow = sourceLow;
    this.sourceInterface = sourceInterface;
  }

  /** Appends what there is to {@code batch}, as far as it has room. */
  void moveTo(DatagramBatch batch) {
    PacketBatch packets = batch.packets();
    while (start < end) {
      int length = Math.min(segmentBytes, end - start);
      if (!packets.hasRoom(length)) {
        return;
      }
      MemorySegment.copy(
          bytes, start, packets.memory(), ValueLayout.JAVA_BYTE, packets.position(), length);
      packets.append(length);
      batch.setOrigin(
          batch.size() - 1,
          addressHigh,
          addressLow,
          port,
          scopeId,
          sourceHigh,
          sourceLow,
          sourceInterface);
      start += length;
    }
  }
}
