package cloud.runbeam.wgagent.engine.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The fields of an IP header that cryptokey routing reads.
 *
 * <pre>
 *  IPv4 (RFC 791, section 3.1)                       IPv6 (RFC 8200, section 3)
 *   0      8       16              31                 0      8       16              31
 *  |ver|ihl| tos   | total length   |  0             |ver| class |   flow label       |  0
 *  | identification|fl| frag offset |  4             | payload length |next hdr|hop lim|  4
 *  | ttl  |protocol| checksum       |  8             | source, 16 bytes                |  8
 *  | source                         | 12             | destination, 16 bytes           | 24
 *  | destination                    | 16
 * </pre>
 */
public final class IpHeader {
  /** Shortest IPv4 header in bytes. */
  public static final int IPV4_BYTES = 20;

  /** The IPv6 header in bytes. */
  public static final int IPV6_BYTES = 40;

  /** Where the protocol number stands in an IPv4 header. */
  public static final int IPV4_PROTOCOL = 9;

  /** Where the next header number stands in an IPv6 header. */
  public static final int IPV6_NEXT_HEADER = 6;

  static final int IPV4_TOTAL_LENGTH = 2;
  static final int IPV4_IDENTIFICATION = 4;
  static final int IPV4_FLAGS_FRAGMENT = 6;
  private static final int IPV4_FRAGMENT_OFFSET_MASK = 0x1FFF;
  private static final int IPV4_CHECKSUM = 10;
  private static final int IPV4_SOURCE = 12;
  private static final int IPV4_DESTINATION = 16;
  static final int IPV6_PAYLOAD_LENGTH = 4;
  private static final int IPV6_SOURCE = 8;
  private static final int IPV6_DESTINATION = 24;
  private static final int UDP = 17;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private IpHeader() {}

  /** The version field, whatever it says; {@code available} must be at least 1. */
  public static int version(MemorySegment memory, long offset) {
    return (memory.get(ValueLayout.JAVA_BYTE, offset) & 0xF0) >>> 4;
  }

  /**
   * The length of the packet in bytes by its own header.
   *
   * @param available bytes there are from {@code offset}
   * @return a length between the shortest header and {@code available}, or -1 if this is neither
   *     IPv4 nor IPv6 or says to be longer
   */
  public static int packetBytes(MemorySegment memory, long offset, int available) {
    if (available < IPV4_BYTES) {
      return -1;
    }
    int bytes;
    switch (version(memory, offset)) {
      case 4 -> {
        bytes = memory.get(SHORT, offset + IPV4_TOTAL_LENGTH) & 0xFFFF;
        if (bytes < IPV4_BYTES) {
          return -1;
        }
      }
      case 6 -> {
        if (available < IPV6_BYTES) {
          return -1;
        }
        bytes = (memory.get(SHORT, offset + IPV6_PAYLOAD_LENGTH) & 0xFFFF) + IPV6_BYTES;
      }
      default -> {
        return -1;
      }
    }
    return bytes <= available ? bytes : -1;
  }

  /** Source of an IPv4 packet, network order. */
  public static int ipv4Source(MemorySegment memory, long offset) {
    return memory.get(INT, offset + IPV4_SOURCE);
  }

  /** Destination of an IPv4 packet, network order. */
  public static int ipv4Destination(MemorySegment memory, long offset) {
    return memory.get(INT, offset + IPV4_DESTINATION);
  }

  /** Upper half of the source of an IPv6 packet. */
  public static long ipv6SourceHigh(MemorySegment memory, long offset) {
    return memory.get(LONG, offset + IPV6_SOURCE);
  }

  /** Lower half of the source of an IPv6 packet. */
  public static long ipv6SourceLow(MemorySegment memory, long offset) {
    return memory.get(LONG, offset + IPV6_SOURCE + Long.BYTES);
  }

  /** Upper half of the destination of an IPv6 packet. */
  public static long ipv6DestinationHigh(MemorySegment memory, long offset) {
    return memory.get(LONG, offset + IPV6_DESTINATION);
  }

  /** Lower half of the destination of an IPv6 packet. */
  public static long ipv6DestinationLow(MemorySegment memory, long offset) {
    return memory.get(LONG, offset + IPV6_DESTINATION + Long.BYTES);
  }

  /**
   * Whether a packet that {@link #packetBytes} accepted is UDP between these ports, not counting
   * fragments behind the first and IPv6 with extension headers.
   */
  public static boolean isUdp(
      MemorySegment memory, long offset, int bytes, int sourcePort, int destinationPort) {
    int payload;
    if (version(memory, offset) == 4) {
      payload = (memory.get(ValueLayout.JAVA_BYTE, offset) & 0xF) * Integer.BYTES;
      boolean first =
          (memory.get(SHORT, offset + IPV4_FLAGS_FRAGMENT) & IPV4_FRAGMENT_OFFSET_MASK) == 0;
      if (!first || memory.get(ValueLayout.JAVA_BYTE, offset + IPV4_PROTOCOL) != UDP) {
        return false;
      }
    } else {
      payload = IPV6_BYTES;
      if (memory.get(ValueLayout.JAVA_BYTE, offset + IPV6_NEXT_HEADER) != UDP) {
        return false;
      }
    }
    return payload + 2 * Short.BYTES <= bytes
        && memory.get(SHORT, offset + payload) == (short) sourcePort
        && memory.get(SHORT, offset + payload + Short.BYTES) == (short) destinationPort;
  }

  /** Computes and writes the header checksum of an IPv4 packet, options included. */
  static void writeIpv4Checksum(MemorySegment memory, long offset) {
    int headerBytes = (memory.get(ValueLayout.JAVA_BYTE, offset) & 0xF) * Integer.BYTES;
    memory.set(SHORT, offset + IPV4_CHECKSUM, (short) 0);
    Checksum.store(memory, offset + IPV4_CHECKSUM, Checksum.add(0, memory, offset, headerBytes));
  }
}
