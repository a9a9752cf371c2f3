package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SharedDescriptor;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.ffi.ThreadSlice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The receiving side of a socket; the receiving thread's only.
 *
 * <p>Messages are received straight into the batch's slab, each into a slot of 64 KiB, since a
 * train or a datagram may be that long; the slots' unused parts are memory that nobody touches.
 * What remains of a train when the batch has no place for more datagrams waits in {@link
 * #leftover}.
 */
final class Receiver implements AutoCloseable {
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_WAITFORONE = 0x10000;

  /** Messages per call: beyond, a call's fixed cost no longer shows. */
  private static final int MAX_MESSAGES = 32;

  /** The longest UDP payload, 65,507 bytes over IPv4 and 65,527 over IPv6, rounded up. */
  private static final int SLOT_BYTES = 65_536;

  private static final int ALIGNMENT = 64;

  /** Errors in a row after which a receiver rests before it tries again. */
  private static final int ERRORS_BEFORE_REST = 8;

  private static final int REST_MS = 20;

  private final SharedDescriptor descriptor;
  private final SystemCalls calls;
  private final MessageSlots slots =
      new MessageSlots(MAX_MESSAGES, MAX_MESSAGES, ControlMessages.RECEIVE_BYTES);
  private final ControlMessages control = new ControlMessages();
  private final Leftover leftover = new Leftover();
  private final long[] slotOffsets = new long[MAX_MESSAGES];
  private final AtomicLong discarded = new AtomicLong();
  private int errorsInARow;
  private boolean sliceAsked;
  private int longestTrain = 1;

  Receiver(SharedDescriptor descriptor, SystemCalls calls) {
    this.descriptor = descriptor;
    this.calls = calls;
    for (int i = 0; i < MAX_MESSAGES; i++) {
      slots.setVectors(i, i, 1);
    }
  }

  /** Messages that could not be delivered; any thread. */
  long discarded() {
    return discarded.get();
  }

  /** Fills {@code batch}, which is empty; the number of datagrams, or -1 once closing. */
  int receive(DatagramBatch batch) throws IOException {
    if (!sliceAsked) {
      sliceAsked = true;
      ThreadSlice.shorten(calls);
    }
    leftover.moveTo(batch);
    while (leftover.isEmpty()) {
      int room = offerSlots(batch.packets());
      if (room == 0) {
        break;
      }
      boolean wait = batch.packets().isEmpty();
      int received =
          calls.recvmmsg(
              descriptor.number(),
              slots.address(0, room),
              room,
              wait ? MSG_WAITFORONE : MSG_DONTWAIT);
      if (descriptor.isClosing()) {
        return -1;
      }
      if (received < 0) {
        if (!wait) {
          break;
        }
        absorb(-received);
        continue;
      }
      errorsInARow = 0;
      longestTrain = 1;
      for (int i = 0; i < received; i++) {
        deliver(batch, i);
      }
      if (received < room && !batch.packets().isEmpty()) {
        break;
      }
    }
    return batch.size();
  }

  /** Points messages at free memory of the slab; how many. */
  private int offerSlots(PacketBatch packets) {
    packets.alignPosition(ALIGNMENT);
    int freePlaces = packets.freePlaces();
    // As many as there will be places for if the trains are as long as they were last.
    int places = Math.max(1, freePlaces / longestTrain);
    int room =
        freePlaces == 0
            ? 0
            : Math.min(MAX_MESSAGES, Math.min(packets.remaining() / SLOT_BYTES, places));
    MemorySegment memory = packets.memory();
    for (int i = 0; i < room; i++) {
      long offset = packets.position() + (long) i * SLOT_BYTES;
      slotOffsets[i] = offset;
      slots.setVector(i, SystemCalls.address(memory, offset, SLOT_BYTES), SLOT_BYTES);
      slots.resetForReceive(i);
    }
    return room;
  }

  /** Appends the datagrams of message {@code index} to the batch. */
  private void deliver(DatagramBatch batch, int index) {
    if (slots.nameLength(index) == 0) {
      // Nobody's: the socket was shut down.
      return;
    }
    MemorySegment names = slots.names();
    long name = slots.name(index);
    // Port 0 means that no answer is wanted (RFC 768), and none can be sent. Cut short: longer than
    // UDP can be.
    if (SocketAddress.port(names, name) == 0 || (slots.flags(index) & MSG_TRUNC) != 0) {
      discarded.incrementAndGet();
      return;
    }
    control.read(slots.controls(), slots.control(index), slots.controlLength(index));
    int bytes = slots.messageLength(index);
    int offset = (int) slotOffsets[index];
    int segmentBytes = control.segmentBytes() > 0 ? control.segmentBytes() : Math.max(1, bytes);
    longestTrain = Math.max(longestTrain, Math.ceilDiv(bytes, segmentBytes));
    PacketBatch packets = batch.packets();
    int done = 0;
    do {
      if (packets.freePlaces() == 0) {
        leftover.keep(packets.memory(), offset + done, bytes - done, segmentBytes, origin(index));
        return;
      }
      int length = Math.min(segmentBytes, bytes - done);
      packets.appendAt(offset + done, length);
      batch.setOrigin(
          batch.size() - 1,
          SocketAddress.addressHigh(names, name),
          SocketAddress.addressLow(names, name),
          SocketAddress.port(names, name),
          SocketAddress.scopeId(names, name),
          control.sourceHigh(),
          control.sourceLow(),
          control.sourceInterface());
      done += length;
    } while (done < bytes);
  }

  private Endpoint origin(int index) {
    MemorySegment names = slots.names();
    long name = slots.name(index);
    return new Endpoint(
        SocketAddress.addressHigh(names, name),
        SocketAddress.addressLow(names, name),
        SocketAddress.port(names, name),
        SocketAddress.scopeId(names, name),
        control.sourceHigh(),
        control.sourceLow(),
        control.sourceInterface());
  }

  /**
   * An error that the socket reports instead of a datagram: a complaint about one sent before,
   * which is taken off the socket by being told, or a shortage. The next call waits for datagrams
   * again; if it does not, this keeps the loop from spinning.
   */
  private void absorb(int errno) throws IOException {
    switch (errno) {
      case Errno.EBADF, Errno.ENOTSOCK, Errno.EFAULT, Errno.ENOSYS ->
          throw new IOException("recvmmsg: " + Errno.describe(errno));
      default -> {
        errorsInARow++;
        if (errorsInARow >= ERRORS_BEFORE_REST) {
          descriptor.pause(REST_MS);
        }
      }
    }
  }

  @Override
  public void close() {
    slots.close();
  }
}
