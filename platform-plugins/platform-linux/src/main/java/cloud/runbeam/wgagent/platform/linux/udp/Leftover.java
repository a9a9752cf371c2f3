package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams of received trains that outnumbered the places in a batch, until the next batch.
 * Seldom needed, since a receiver asks for no more messages than it expects to have places for; at
 * most one call's messages. The receiving thread's only.
 */
final class Leftover {
  private final Deque<Train> trains = new ArrayDeque<>();

  boolean isEmpty() {
    return trains.isEmpty();
  }

  /** Copies {@code length} bytes at {@code offset}: datagrams of {@code segmentBytes} from one. */
  void keep(MemorySegment memory, int offset, int length, int segmentBytes, Endpoint origin) {
    byte[] bytes = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
    trains.add(new Train(bytes, segmentBytes, origin));
  }

  /** Appends what there is to {@code batch}, as far as it has room. */
  void moveTo(DatagramBatch batch) {
    @Nullable Train train = trains.peek();
    while (train != null && train.moveTo(batch)) {
      trains.remove();
      train = trains.peek();
    }
  }

  /** What is left of one train. */
  private static final class Train {
    private final byte[] bytes;
    private final int segmentBytes;
    private final Endpoint origin;
    private int start;

    Train(byte[] bytes, int segmentBytes, Endpoint origin) {
      this.bytes = bytes;
      this.segmentBytes = segmentBytes;
      this.origin = origin;
    }

    /** Whether nothing is left. */
    boolean moveTo(DatagramBatch batch) {
      PacketBatch packets = batch.packets();
      while (start < bytes.length) {
        int length = Math.min(segmentBytes, bytes.length - start);
        if (!packets.hasRoom(length)) {
          return false;
        }
        MemorySegment.copy(
            bytes, start, packets.memory(), ValueLayout.JAVA_BYTE, packets.position(), length);
        packets.append(length);
        batch.setOrigin(
            batch.size() - 1,
            origin.addressHigh(),
            origin.addressLow(),
            origin.port(),
            origin.scopeId(),
            origin.sourceHigh(),
            origin.sourceLow(),
            origin.sourceInterface());
        start += length;
      }
      return true;
    }
  }
}
