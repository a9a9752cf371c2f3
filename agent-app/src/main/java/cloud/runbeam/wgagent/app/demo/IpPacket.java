package cloud.runbeam.wgagent.app.demo;

import cloud.runbeam.wgagent.engine.offload.Checksum;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One whole IPv4 or IPv6 packet without options or extension headers: all that {@link MemoryHost}
 * speaks.
 *
 * @param source 4 or 16 bytes
 * @param destination as long as {@code source}
 * @param protocol IP protocol number
 * @param payload what follows the IP header
 */
// Arrays are compared by nobody; the record is a carrier between parse and answer.
@SuppressWarnings("ArrayRecordComponent")
record IpPacket(byte[] source, byte[] destination, int protocol, byte[] payload) {
  static final int ICMP = 1;
  static final int UDP = 17;
  static final int ICMPV6 = 58;

  private static final int IPV4_HEADER_BYTES = 20;
  private static final int IPV6_HEADER_BYTES = 40;

  /** What {@link Checksum#fold} gives over data that holds its own checksum. */
  private static final int CORRECT_SUM = 0xFFFF;

  private static final int HOP_LIMIT = 64;
  private static final int DONT_FRAGMENT = 0x4000;

  /** Whether the addresses are IPv6. */
  boolean ipv6() {
    return source.length == 16;
  }

  /**
   * The packet in {@code frame}, or null for anything malformed, fragmented, or with options or
   * extension headers.
   */
  static @Nullable IpPacket parse(byte[] frame) {
    int version = frame.length == 0 ? 0 : (frame[0] & 0xFF) >>> 4;
    return switch (version) {
      case 4 -> parseIpv4(frame);
      case 6 -> parseIpv6(frame);
      default -> null;
    };
  }

  private static @Nullable IpPacket parseIpv4(byte[] frame) {
    if (frame.length < IPV4_HEADER_BYTES || (frame[0] & 0x0F) != IPV4_HEADER_BYTES / 4) {
      return null;
    }
    ByteBuffer header = ByteBuffer.wrap(frame);
    int totalLength = header.getShort(2) & 0xFFFF;
    boolean fragment = (header.getShort(6) & 0x3FFF) != 0;
    if (totalLength < IPV4_HEADER_BYTES
        || totalLength > frame.length
        || fragment
        || Checksum.fold(headerSum(frame)) != CORRECT_SUM) {
      return null;
    }
    return new IpPacket(
        Arrays.copyOfRange(frame, 12, 16),
        Arrays.copyOfRange(frame, 16, 20),
        frame[9] & 0xFF,
        Arrays.copyOfRange(frame, IPV4_HEADER_BYTES, totalLength));
  }

  private static @Nullable IpPacket parseIpv6(byte[] frame) {
    if (frame.length < IPV6_HEADER_BYTES) {
      return null;
    }
    int payloadLength = ByteBuffer.wrap(frame).getShort(4) & 0xFFFF;
    if (IPV6_HEADER_BYTES + payloadLength > frame.length) {
      return null;
    }
    return new IpPacket(
        Arrays.copyOfRange(frame, 8, 24),
        Arrays.copyOfRange(frame, 24, 40),
        frame[6] & 0xFF,
        Arrays.copyOfRange(frame, IPV6_HEADER_BYTES, IPV6_HEADER_BYTES + payloadLength));
  }

  /** Whether the checksum that ICMP or UDP keeps in the payload is right. */
  boolean hasCorrectChecksum() {
    return Checksum.fold(transportSum()) == CORRECT_SUM;
  }

  /**
   * Computes the checksum and writes it to {@code offset} in the payload, where there is zero now.
   */
  void storeChecksum(int offset) {
    Checksum.store(MemorySegment.ofArray(payload), offset, transportSum());
  }

  /**
   * The sum over payload and, but for ICMP over IPv4, the pseudo header (RFC 768, RFC 8200 section
   * 8.1).
   */
  private long transportSum() {
    long sum = 0;
    if (protocol != ICMP) {
      sum = Checksum.add(sum, MemorySegment.ofArray(source), 0, source.length);
      sum = Checksum.add(sum, MemorySegment.ofArray(destination), 0, destination.length);
      sum = Checksum.addNetworkShort(sum, protocol);
      sum = Checksum.addNetworkShort(sum, payload.length);
    }
    return Checksum.add(sum, MemorySegment.ofArray(payload), 0, payload.length);
  }

  /** The packet as it goes over the wire. */
  byte[] toBytes() {
    return ipv6() ? ipv6Bytes() : ipv4Bytes();
  }

  private byte[] ipv4Bytes() {
    ByteBuffer frame = ByteBuffer.allocate(IPV4_HEADER_BYTES + payload.length);
    frame.put((byte) 0x45).put((byte) 0).putShort((short) frame.capacity());
    frame.putShort((short) 0).putShort((short) DONT_FRAGMENT);
    frame.put((byte) HOP_LIMIT).put((byte) protocol).putShort((short) 0);
    frame.put(source).put(destination).put(payload);
    Checksum.store(MemorySegment.ofArray(frame.array()), 10, headerSum(frame.array()));
    return frame.array();
  }

  private static long headerSum(byte[] frame) {
    return Checksum.add(0, MemorySegment.ofArray(frame), 0, IPV4_HEADER_BYTES);
  }

  private byte[] ipv6Bytes() {
    ByteBuffer frame = ByteBuffer.allocate(IPV6_HEADER_BYTES + payload.length);
    frame.putInt(6 << 28).putShort((short) payload.length);
    frame.put((byte) protocol).put((byte) HOP_LIMIT);
    return frame.put(source).put(destination).put(payload).array();
  }
}
