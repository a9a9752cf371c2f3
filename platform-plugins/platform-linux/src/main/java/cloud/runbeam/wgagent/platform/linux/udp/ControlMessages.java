package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Control messages of datagrams: the local address (ip(7), ipv6(7)) and the segment length of a
 * train (udp(7)). Each is a header, its data, and padding to 8 (CMSG_LEN, CMSG_SPACE).
 *
 * <pre>
 *   cmsghdr        0             8      12    16
 *                 |cmsg_len     |level |type |data ...
 *   in_pktinfo     0        4         8     12
 *                 |ifindex |spec_dst |addr |            SOL_IP, IP_PKTINFO
 *   in6_pktinfo    0             16       20
 *                 |address      |ifindex |              SOL_IPV6, IPV6_PKTINFO
 *   UDP_SEGMENT   |segment length 16|                   SOL_UDP, on send
 *   UDP_GRO       |segment length 32|                   SOL_UDP, on receive
 * </pre>
 */
final class ControlMessages {
  static final int SOL_IP = 0;
  static final int IP_PKTINFO = 8;
  static final int SOL_IPV6 = 41;
  static final int IPV6_PKTINFO = 50;
  static final int SOL_UDP = 17;
  static final int UDP_SEGMENT = 103;
  static final int UDP_GRO = 104;

  private static final int HEADER_BYTES = 16;
  private static final long LEVEL_OFFSET = 8;
  private static final long TYPE_OFFSET = 12;

  private static final int IPV4_INFO_BYTES = 12;
  private static final long IPV4_INTERFACE = 0;
  private static final long IPV4_LOCAL = 4;
  private static final long IPV4_DESTINATION = 8;
  private static final int IPV6_INFO_BYTES = 20;
  private static final long IPV6_ADDRESS = 0;
  private static final long IPV6_INTERFACE = 16;

  /** Room for what is received: in6_pktinfo and UDP_GRO, and one more that nobody asked for. */
  static final int RECEIVE_BYTES = 128;

  /** Room for what is sent: in6_pktinfo (40) and UDP_SEGMENT (24). */
  static final int SEND_BYTES = 64;

  private static final ValueLayout.OfLong HOST_LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt HOST_INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort HOST_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  // fe80::/10, RFC 4291 section 2.5.6.
  private static final long LINK_LOCAL = 0xFE80L << 48;
  private static final long LINK_LOCAL_MASK = 0xFFC0L << 48;

  // What the last call of read found; in the form of Endpoint's components.
  private long sourceHigh;
  private long sourceLow;
  private int sourceInterface;
  private int segmentBytes;

  // Receiving.

  /**
   * Reads the control messages in {@code bytes} bytes at {@code at}; the accessors tell the result.
   */
  void read(MemorySegment memory, long at, long bytes) {
    sourceHigh = 0;
    sourceLow = 0;
    sourceInterface = 0;
    segmentBytes = 0;
    long left = bytes;
    long message = at;
    while (left >= HEADER_BYTES) {
      long length = memory.get(HOST_LONG, message);
      if (length < HEADER_BYTES || length > left) {
        return;
      }
      accept(memory, message, (int) length - HEADER_BYTES);
      long space = (length + 7) & -8L;
      message += space;
      left -= space;
    }
  }

  private void accept(MemorySegment memory, long message, int dataBytes) {
    int level = memory.get(HOST_INT, message + LEVEL_OFFSET);
    int type = memory.get(HOST_INT, message + TYPE_OFFSET);
    long data = message + HEADER_BYTES;
    if (level == SOL_IPV6 && type == IPV6_PKTINFO && dataBytes >= IPV6_INFO_BYTES) {
      sourceHigh = memory.get(SocketAddress.NET_LONG, data + IPV6_ADDRESS);
      sourceLow = memory.get(SocketAddress.NET_LONG, data + IPV6_ADDRESS + 8);
      sourceInterface = memory.get(HOST_INT, data + IPV6_INTERFACE);
    } else if (level == SOL_IP && type == IP_PKTINFO && dataBytes >= IPV4_INFO_BYTES) {
      int address = memory.get(SocketAddress.NET_INT, data + IPV4_DESTINATION);
      sourceHigh = 0;
      sourceLow = SocketAddress.IPV4_MAPPED | Integer.toUnsignedLong(address);
      sourceInterface = memory.get(HOST_INT, data + IPV4_INTERFACE);
    } else if (level == SOL_UDP && type == UDP_GRO && dataBytes >= Short.BYTES) {
      // An int since the option exists; a kernel that wrote a short would be understood as well.
      segmentBytes =
          dataBytes >= Integer.BYTES
              ? memory.get(HOST_INT, data)
              : Short.toUnsignedInt(memory.get(HOST_SHORT, data));
    }
  }

  long sourceHigh() {
    return sourceHigh;
  }

  long sourceLow() {
    return sourceLow;
  }

  int sourceInterface() {
    return sourceInterface;
  }

  /** Length of each datagram in the train but the last; 0: it is one datagram. */
  int segmentBytes() {
    return segmentBytes;
  }

  // Sending.

  /**
   * Writes the source that {@code endpoint} has chosen.
   *
   * <p>The interface is named for link-local addresses only, which mean nothing without: naming it
   * for others would hold a packet on an interface that the routing table has left since.
   *
   * @return the space it takes
   */
  static int writeSource(MemorySegment memory, long at, Endpoint endpoint) {
    long data = at + HEADER_BYTES;
    if (endpoint.isIpv4()) {
      writeHeader(memory, at, IPV4_INFO_BYTES, SOL_IP, IP_PKTINFO);
      memory.set(HOST_INT, data + IPV4_INTERFACE, 0);
      memory.set(SocketAddress.NET_INT, data + IPV4_LOCAL, (int) endpoint.sourceLow());
      memory.set(SocketAddress.NET_INT, data + IPV4_DESTINATION, 0);
      return space(IPV4_INFO_BYTES);
    }
    writeHeader(memory, at, IPV6_INFO_BYTES, SOL_IPV6, IPV6_PKTINFO);
    memory.set(SocketAddress.NET_LONG, data + IPV6_ADDRESS, endpoint.sourceHigh());
    memory.set(SocketAddress.NET_LONG, data + IPV6_ADDRESS + 8, endpoint.sourceLow());
    boolean linkLocal = (endpoint.sourceHigh() & LINK_LOCAL_MASK) == LINK_LOCAL;
    memory.set(HOST_INT, data + IPV6_INTERFACE, linkLocal ? endpoint.sourceInterface() : 0);
    return space(IPV6_INFO_BYTES);
  }

  /**
   * Writes that the message is a train of datagrams of {@code segmentBytes}; the space it takes.
   */
  static int writeSegment(MemorySegment memory, long at, int segmentBytes) {
    writeHeader(memory, at, Short.BYTES, SOL_UDP, UDP_SEGMENT);
    memory.set(HOST_SHORT, at + HEADER_BYTES, (short) segmentBytes);
    return space(Short.BYTES);
  }

  private static void writeHeader(
      MemorySegment memory, long at, int dataBytes, int level, int type) {
    memory.set(HOST_LONG, at, HEADER_BYTES + dataBytes);
    memory.set(HOST_INT, at + LEVEL_OFFSET, level);
    memory.set(HOST_INT, at + TYPE_OFFSET, type);
  }

  private static int space(int dataBytes) {
    return HEADER_BYTES + ((dataBytes + 7) & -8);
  }
}
