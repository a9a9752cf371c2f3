package cloud.runbeam.wgagent.engine.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct virtio_net_hdr} (linux/virtio_net.h), which stands before each frame of a TUN
 * device opened with IFF_VNET_HDR. In the byte order of the machine.
 *
 * <pre>
 *   0      1         2         4          6            8            10
 *  |flags |gso type | hdr len | gso size | csum start | csum offset |
 * </pre>
 */
public final class VirtioNetHeader {
  /** Length in bytes. */
  public static final int BYTES = 10;

  /**
   * The checksum at csum start + csum offset holds the pseudo header's sum and has to be completed.
   */
  public static final int FLAG_NEEDS_CHECKSUM = 1;

  /** One packet. */
  public static final int GSO_NONE = 0;

  /** TCP over IPv4, to be cut into pieces of gso size. */
  public static final int GSO_TCPV4 = 1;

  /** TCP over IPv6, likewise. */
  public static final int GSO_TCPV6 = 4;

  /** UDP of either family, to be cut into datagrams of gso size. */
  public static final int GSO_UDP_L4 = 5;

  /** Added to a TCP type when the first piece carries CWR (RFC 3168). */
  public static final int GSO_ECN = 0x80;

  private static final int FLAGS = 0;
  private static final int GSO_TYPE = FLAGS + Byte.BYTES;
  private static final int HEADER_LENGTH = GSO_TYPE + Byte.BYTES;
  private static final int GSO_SIZE = HEADER_LENGTH + Short.BYTES;
  private static final int CHECKSUM_START = GSO_SIZE + Short.BYTES;
  private static final int CHECKSUM_OFFSET = CHECKSUM_START + Short.BYTES;

  private VirtioNetHeader() {}

  /** Flags. */
  public static int flags(MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_BYTE, offset + FLAGS) & 0xFF;
  }

  /** One of the GSO types. */
  public static int gsoType(MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_BYTE, offset + GSO_TYPE) & 0xFF;
  }

  /** Payload bytes of each piece but the last. */
  public static int gsoSize(MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + GSO_SIZE) & 0xFFFF;
  }

  /** Where checksumming starts, from the IP header on: the transport header. */
  public static int checksumStart(MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + CHECKSUM_START) & 0xFFFF;
  }

  /** Where the checksum field stands, from checksum start on. */
  public static int checksumOffset(MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + CHECKSUM_OFFSET) & 0xFFFF;
  }

  /** The header of one packet whose checksums are complete. */
  public static void writePlain(MemorySegment memory, long offset) {
    memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, 0);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + Long.BYTES, (short) 0);
  }

  /** The header of a super-packet with a partial checksum. */
  public static void writeSuperPacket(
      MemorySegment memory,
      long offset,
      int gsoType,
      int headerBytes,
      int gsoSize,
      int checksumStart,
      int checksumOffset) {
    memory.set(ValueLayout.JAVA_BYTE, offset + FLAGS, (byte) FLAG_NEEDS_CHECKSUM);
    memory.set(ValueLayout.JAVA_BYTE, offset + GSO_TYPE, (byte) gsoType);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + HEADER_LENGTH, (short) headerBytes);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + GSO_SIZE, (short) gsoSize);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + CHECKSUM_START, (short) checksumStart);
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + CHECKSUM_OFFSET, (short) checksumOffset);
  }
}
