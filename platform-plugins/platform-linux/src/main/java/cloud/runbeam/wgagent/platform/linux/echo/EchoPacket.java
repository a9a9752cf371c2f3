package cloud.runbeam.wgagent.platform.linux.echo;

import java.nio.ByteBuffer;

/**
 * An echo request and the answer that fits it (RFC 792, RFC 4443 section 4.1).
 *
 * <pre>
 *   0      1      2          4            6          8         16
 *  | type | code | checksum | identifier | sequence | cookie  | filling ...
 * </pre>
 *
 * <p>The cookie, which nobody can guess, tells our answer from anybody else's; a socket for
 * datagrams of ICMP puts an identifier of its own in.
 *
 * @param ipv6 the family
 * @param sequence 16 bits
 * @param cookie 64 bits
 */
record EchoPacket(boolean ipv6, int sequence, long cookie) {
  static final int HEADER_BYTES = 16;
  private static final int IPV4_HEADER_BYTES = 20;
  private static final int CHECKSUM = 2;
  private static final int SEQUENCE = 6;
  private static final int COOKIE = 8;

  /** The request, as long as an IP packet of {@code packetBytes} leaves room for. */
  byte[] request(int packetBytes) {
    int bytes = packetBytes - (ipv6 ? 40 : IPV4_HEADER_BYTES);
    ByteBuffer packet = ByteBuffer.allocate(Math.max(bytes, HEADER_BYTES));
    packet.put(0, (byte) (ipv6 ? 128 : 8));
    packet.putShort(4, (short) cookie).putShort(SEQUENCE, (short) sequence);
    packet.putLong(COOKIE, cookie);
    if (!ipv6) {
      // Of ICMPv6 the kernel makes it, which knows the addresses that go into it.
      packet.putShort(CHECKSUM, checksum(packet));
    }
    return packet.array();
  }

  /**
   * Whether {@code bytes} is the answer.
   *
   * @param bytes what a socket brought; a raw one of IPv4 brings the IP header too
   */
  boolean isAnsweredBy(byte[] bytes, boolean withIpv4Header) {
    int at = 0;
    if (withIpv4Header) {
      if (bytes.length < IPV4_HEADER_BYTES) {
        return false;
      }
      at = (bytes[0] & 0x0F) * 4;
    }
    if (bytes.length - at < HEADER_BYTES) {
      return false;
    }
    ByteBuffer packet = ByteBuffer.wrap(bytes, at, bytes.length - at).slice();
    return packet.get(0) == (byte) (ipv6 ? 129 : 0)
        && packet.get(1) == 0
        && packet.getShort(SEQUENCE) == (short) sequence
        && packet.getLong(COOKIE) == cookie;
  }

  /** RFC 1071. */
  private static short checksum(ByteBuffer packet) {
    long sum = 0;
    for (int at = 0; at < packet.capacity(); at += 2) {
      int low = at + 1 < packet.capacity() ? packet.get(at + 1) & 0xFF : 0;
      sum += (packet.get(at) & 0xFF) << 8 | low;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xFFFF) + (sum >>> 16);
    }
    return (short) ~sum;
  }
}
