package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.IpLiteral;
import java.nio.ByteBuffer;

/**
 * Inner packets with just enough header for a tunnel: addresses, lengths, and UDP with a checksum
 * of zero.
 */
public final class TestPackets {
  private static final int UDP = 17;

  private TestPackets() {}

  /** An IPv4 or IPv6 packet with UDP and {@code payload} in it; both addresses of one family. */
  public static byte[] udp(String source, String destination, byte[] payload) {
    IpLiteral from = IpLiteral.parse(source);
    IpLiteral to = IpLiteral.parse(destination);
    int udpBytes = 8 + payload.length;
    ByteBuffer packet = ByteBuffer.allocate((from.ipv6() ? 40 : 20) + udpBytes);
    if (from.ipv6()) {
      packet.putInt(0x6000_0000).putShort((short) udpBytes).put((byte) UDP).put((byte) 64);
      packet.putLong(from.high()).putLong(from.low()).putLong(to.high()).putLong(to.low());
    } else {
      packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity());
      packet.putInt(0).put((byte) 64).put((byte) UDP).putShort((short) 0);
      packet.putInt((int) (from.high() >>> 32)).putInt((int) (to.high() >>> 32));
      packet.putShort(10, headerChecksum(packet));
    }
    packet.putShort((short) 7).putShort((short) 7).putShort((short) udpBytes).putShort((short) 0);
    return packet.put(payload).array();
  }

  private static short headerChecksum(ByteBuffer packet) {
    int sum = 0;
    for (int i = 0; i < 20; i += 2) {
      sum += packet.getShort(i) & 0xFFFF;
    }
    sum = (sum & 0xFFFF) + (sum >>> 16);
    return (short) ~((sum & 0xFFFF) + (sum >>> 16));
  }
}
