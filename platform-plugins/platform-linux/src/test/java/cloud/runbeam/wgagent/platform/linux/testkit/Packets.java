package cloud.runbeam.wgagent.platform.linux.testkit;

import java.nio.ByteBuffer;

/** IPv4 packets for tests, with correct checksums. */
public final class Packets {
  private static final int IP_HEADER_BYTES = 20;
  private static final int PROTOCOL_ICMP = 1;
  private static final int PROTOCOL_UDP = 17;

  private Packets() {}

  /** Whether an IPv4 packet is an ICMP echo request. */
  public static boolean isEchoRequest(byte[] packet) {
    return packet.length >= IP_HEADER_BYTES + 8
        && packet[0] == 0x45
        && packet[9] == PROTOCOL_ICMP
        && packet[IP_HEADER_BYTES] == 8;
  }

  /** The reply to an echo request: addresses swapped, type 0, checksum made anew. */
  public static byte[] echoReply(byte[] request) {
    byte[] reply = request.clone();
    System.arraycopy(request, 12, reply, 16, 4);
    System.arraycopy(request, 16, reply, 12, 4);
    reply[IP_HEADER_BYTES] = 0;
    reply[IP_HEADER_BYTES + 2] = 0;
    reply[IP_HEADER_BYTES + 3] = 0;
    int sum = checksum(reply, IP_HEADER_BYTES, reply.length - IP_HEADER_BYTES);
    ByteBuffer.wrap(reply).putShort(IP_HEADER_BYTES + 2, (short) sum);
    return reply;
  }

  /** A UDP datagram without a UDP checksum, which IPv4 permits. */
  public static byte[] udp(int source, int sourcePort, int destination, int port, byte[] payload) {
    int length = IP_HEADER_BYTES + 8 + payload.length;
    ByteBuffer packet = ByteBuffer.allocate(length);
    packet.put((byte) 0x45).put((byte) 0).putShort((short) length).putInt(0);
    packet.put((byte) 64).put((byte) PROTOCOL_UDP).putShort((short) 0);
    packet.putInt(source).putInt(destination);
    packet.putShort(10, (short) checksum(packet.array(), 0, IP_HEADER_BYTES));
    packet.putShort((short) sourcePort).putShort((short) port);
    packet.putShort((short) (8 + payload.length)).putShort((short) 0).put(payload);
    return packet.array();
  }

  /** RFC 1071, the obvious way. */
  private static int checksum(byte[] bytes, int from, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      int value = Byte.toUnsignedInt(bytes[from + i]);
      sum += i % 2 == 0 ? value << 8 : value;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xFFFF) + (sum >>> 16);
    }
    return ~sum & 0xFFFF;
  }
}
