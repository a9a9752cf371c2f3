package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The messages of one {@code recvmmsg} or {@code sendmmsg}, with room for the address and the
 * control messages of each. Addresses inside are written once.
 *
 * <pre>
 *   mmsghdr   0     8        12   16      24        32        40           48     52   56      60
 *            |name |namelen |pad |iov    |iovlen   |control  |controllen  |flags |pad |msg_len|pad|
 *   iovec     0     8
 *            |base |len |
 * </pre>
 */
final class MessageSlots implements AutoCloseable {
  private static final long NAME = 0;
  private static final long NAME_LENGTH = 8;
  private static final long IOV = 16;
  private static final long IOV_COUNT = 24;
  private static final long CONTROL = 32;
  private static final long CONTROL_LENGTH = 40;
  private static final long FLAGS = 48;
  private static final long MESSAGE_LENGTH = 56;
  private static final int HEADER_BYTES = 64;
  private static final int IOVEC_BYTES = 16;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment headers;
  private final MemorySegment names;
  private final MemorySegment vectors;
  private final MemorySegment controls;
  private final int controlBytes;
  private final int vectorCount;

  /**
   * Makes slots.
   *
   * @param count messages
   * @param vectorCount pieces of memory that the messages together consist of
   * @param controlBytes room for the control messages of each, a multiple of 8
   */
  MessageSlots(int count, int vectorCount, int controlBytes) {
    this.controlBytes = controlBytes;
    this.vectorCount = vectorCount;
    headers = arena.allocate((long) HEADER_BYTES * count, Long.BYTES);
    names = arena.allocate((long) SocketAddress.STRIDE_BYTES * count, Long.BYTES);
    vectors = arena.allocate((long) IOVEC_BYTES * vectorCount, Long.BYTES);
    controls = arena.allocate((long) controlBytes * count, Long.BYTES);
    for (int i = 0; i < count; i++) {
      long header = header(i);
      headers.set(ValueLayout.JAVA_LONG, header + NAME, names.address() + name(i));
      headers.set(ValueLayout.JAVA_LONG, header + CONTROL, controls.address() + control(i));
    }
  }

  /** Number of pieces of memory there is room for. */
  int vectorCount() {
    return vectorCount;
  }

  /**
   * Address of message {@code index}, from where {@code count} messages stand one behind the other.
   */
  long address(int index, int count) {
    return SystemCalls.address(headers, header(index), (long) count * HEADER_BYTES);
  }

  MemorySegment names() {
    return names;
  }

  /** Where the name of message {@code index} stands in {@link #names}. */
  long name(int index) {
    return (long) index * SocketAddress.STRIDE_BYTES;
  }

  MemorySegment controls() {
    return controls;
  }

  /** Where the control messages of message {@code index} stand in {@link #controls}. */
  long control(int index) {
    return (long) index * controlBytes;
  }

  /** Makes message {@code index} consist of {@code count} pieces from {@code vector} on. */
  void setVectors(int index, int vector, int count) {
    long header = header(index);
    long address =
        SystemCalls.address(vectors, (long) vector * IOVEC_BYTES, (long) count * IOVEC_BYTES);
    headers.set(ValueLayout.JAVA_LONG, header + IOV, address);
    headers.set(ValueLayout.JAVA_LONG, header + IOV_COUNT, count);
  }

  /** Sets piece {@code vector}. */
  void setVector(int vector, long address, int bytes) {
    long at = (long) vector * IOVEC_BYTES;
    vectors.set(ValueLayout.JAVA_LONG, at, address);
    vectors.set(ValueLayout.JAVA_LONG, at + 8, bytes);
  }

  void setNameLength(int index, int bytes) {
    headers.set(ValueLayout.JAVA_INT, header(index) + NAME_LENGTH, bytes);
  }

  int nameLength(int index) {
    return headers.get(ValueLayout.JAVA_INT, header(index) + NAME_LENGTH);
  }

  void setControlLength(int index, int bytes) {
    headers.set(ValueLayout.JAVA_LONG, header(index) + CONTROL_LENGTH, bytes);
  }

  long controlLength(int index) {
    return headers.get(ValueLayout.JAVA_LONG, header(index) + CONTROL_LENGTH);
  }

  /** Makes message {@code index} ready to receive: full room for name and control messages. */
  void resetForReceive(int index) {
    setNameLength(index, SocketAddress.STRIDE_BYTES);
    setControlLength(index, controlBytes);
    headers.set(ValueLayout.JAVA_INT, header(index) + FLAGS, 0);
  }

  int flags(int index) {
    return headers.get(ValueLayout.JAVA_INT, header(index) + FLAGS);
  }

  /** Bytes received into message {@code index}. */
  int messageLength(int index) {
    return headers.get(ValueLayout.JAVA_INT, header(index) + MESSAGE_LENGTH);
  }

  private static long header(int index) {
    return (long) index * HEADER_BYTES;
  }

  @Override
  public void close() {
    arena.close();
  }
}
