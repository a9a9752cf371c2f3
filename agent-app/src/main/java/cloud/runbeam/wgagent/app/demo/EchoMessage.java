package cloud.runbeam.wgagent.app.demo;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An ICMP or ICMPv6 echo message (RFC 792, RFC 4443 section 4), or a UDP datagram to or from the
 * echo port (RFC 862): the three kinds that a {@link MemoryHost} asks and answers. For UDP the port
 * of the side that asks stands for the identifier, and there is no sequence number.
 *
 * @param kind which of them
 * @param request whether it asks or answers
 * @param identifier 16 bits
 * @param sequence 16 bits; 0 for UDP
 * @param data what is to come back unchanged
 */
@SuppressWarnings("ArrayRecordComponent")
record EchoMessage(Kind kind, boolean request, int identifier, int sequence, byte[] data) {
  /** The echo service's port (RFC 862). */
  static final int UDP_ECHO_PORT = 7;

  private static final int HEADER_BYTES = 8;

  /** What carries the echo. */
  enum Kind {
    ICMP,
    UDP
  }

  /**
   * The echo message in {@code packet}, or null when it is something else, malformed, or its
   * checksum is wrong.
   */
  static @Nullable EchoMessage parse(IpPacket packet) {
    if (packet.payload().length < HEADER_BYTES) {
      return null;
    }
    return switch (packet.protocol()) {
      case IpPacket.ICMP -> packet.ipv6() ? null : parseIcmp(packet, 8, 0);
      case IpPacket.ICMPV6 -> packet.ipv6() ? parseIcmp(packet, 128, 129) : null;
      case IpPacket.UDP -> parseUdp(packet);
      default -> null;
    };
  }

  private static @Nullable EchoMessage parseIcmp(IpPacket packet, int requestType, int replyType) {
    byte[] payload = packet.payload();
    int type = payload[0] & 0xFF;
    if ((type != requestType && type != replyType)
        || payload[1] != 0
        || !packet.hasCorrectChecksum()) {
      return null;
    }
    ByteBuffer header = ByteBuffer.wrap(payload);
    return new EchoMessage(
        Kind.ICMP,
        type == requestType,
        header.getShort(4) & 0xFFFF,
        header.getShort(6) & 0xFFFF,
        Arrays.copyOfRange(payload, HEADER_BYTES, payload.length));
  }

  private static @Nullable EchoMessage parseUdp(IpPacket packet) {
    byte[] payload = packet.payload();
    ByteBuffer header = ByteBuffer.wrap(payload);
    int sourcePort = header.getShort(0) & 0xFFFF;
    int destinationPort = header.getShort(2) & 0xFFFF;
    int length = header.getShort(4) & 0xFFFF;
    boolean unchecked = !packet.ipv6() && header.getShort(6) == 0;
    if (length != payload.length
        || (sourcePort == UDP_ECHO_PORT) == (destinationPort == UDP_ECHO_PORT)
        || (!unchecked && !packet.hasCorrectChecksum())) {
      return null;
    }
    boolean request = destinationPort == UDP_ECHO_PORT;
    return new EchoMessage(
        Kind.UDP,
        request,
        request ? sourcePort : destinationPort,
        0,
        Arrays.copyOfRange(payload, HEADER_BYTES, payload.length));
  }

  /** The answer to this request. */
  EchoMessage reply() {
    return new EchoMessage(kind, false, identifier, sequence, data);
  }

  /**
   * The packet that carries this message between two addresses of one family, 4 or 16 bytes each.
   */
  IpPacket toPacket(byte[] source, byte[] destination) {
    ByteBuffer payload = ByteBuffer.allocate(HEADER_BYTES + data.length);
    boolean ipv6 = source.length == 16;
    int protocol;
    if (kind == Kind.UDP) {
      protocol = IpPacket.UDP;
      payload.putShort((short) (request ? identifier : UDP_ECHO_PORT));
      payload.putShort((short) (request ? UDP_ECHO_PORT : identifier));
      payload.putShort((short) payload.capacity()).putShort((short) 0);
    } else {
      protocol = ipv6 ? IpPacket.ICMPV6 : IpPacket.ICMP;
      payload.put((byte) (ipv6 ? (request ? 128 : 129) : (request ? 8 : 0))).put((byte) 0);
      payload.putShort((short) 0).putShort((short) identifier).putShort((short) sequence);
    }
    payload.put(data);
    IpPacket packet = new IpPacket(source, destination, protocol, payload.array());
    int field = kind == Kind.UDP ? 6 : 2;
    packet.storeChecksum(field);
    if (kind == Kind.UDP && payload.getShort(field) == 0) {
      // RFC 768: a checksum that comes out as zero is sent as all ones; zero means none.
      payload.putShort(field, (short) 0xFFFF);
    }
    return packet;
  }
}
