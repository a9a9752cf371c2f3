package cloud.runbeam.wgagent.engine.offload;

import java.nio.ByteBuffer;

/**
 * Inner packets for tests, built byte by byte, with checksums computed the naive way: 16 bits at a
 * time.
 */
public final class InnerPackets {
  static final int VIRTIO = 10;

  private InnerPackets() {}

  /** The sum as RFC 1071 describes it, over big-endian 16-bit words. */
  static int naiveSum(byte[] bytes, int from, int to, int sum) {
    int total = sum;
    for (int i = from; i < to; i += 2) {
      int word = (bytes[i] & 0xFF) << 8 | (i + 1 < to ? bytes[i + 1] & 0xFF : 0);
      total += word;
      total = (total & 0xFFFF) + (total >>> 16);
    }
    return total;
  }

  static int naivePseudoHeader(byte[] packet, boolean ipv6, int protocol, int transportBytes) {
    int sum = ipv6 ? naiveSum(packet, 8, 40, 0) : naiveSum(packet, 12, 20, 0);
    sum += protocol + transportBytes;
    return (sum & 0xFFFF) + (sum >>> 16);
  }

  /** Whether all checksums of a packet without IP options are right. */
  static boolean checksumsHold(byte[] packet) {
    boolean ipv6 = (packet[0] & 0xF0) == 0x60;
    int transport = ipv6 ? 40 : 20;
    if (!ipv6 && naiveSum(packet, 0, 20, 0) != 0xFFFF) {
      return false;
    }
    int protocol = ipv6 ? packet[6] : packet[9];
    int bytes = packet.length - transport;
    return naiveSum(
            packet, transport, packet.length, naivePseudoHeader(packet, ipv6, protocol, bytes))
        == 0xFFFF;
  }

  /** A TCP packet with a 12-byte option (as Linux sends timestamps) and right checksums. */
  public static byte[] tcp(boolean ipv6, int sequence, int flags, int id, byte[] payload) {
    int ip = ipv6 ? 40 : 20;
    byte[] packet = new byte[ip + 32 + payload.length];
    writeIp(packet, ipv6, 6, id);
    ByteBuffer buffer = ByteBuffer.wrap(packet);
    buffer.putShort(ip, (short) 40_000).putShort(ip + 2, (short) 5201);
    buffer.putInt(ip + 4, sequence).putInt(ip + 8, 77);
    buffer.put(ip + 12, (byte) (8 << 4)).put(ip + 13, (byte) flags);
    buffer.putShort(ip + 14, (short) 500);
    buffer.putInt(ip + 20, 0x0101080A).putInt(ip + 24, 1234).putInt(ip + 28, 5678);
    System.arraycopy(payload, 0, packet, ip + 32, payload.length);
    writeTransportChecksum(packet, ipv6, 6, ip + 16);
    return packet;
  }

  /** A UDP packet with right checksums. */
  public static byte[] udp(boolean ipv6, int id, byte[] payload) {
    int ip = ipv6 ? 40 : 20;
    byte[] packet = new byte[ip + 8 + payload.length];
    writeIp(packet, ipv6, 17, id);
    ByteBuffer buffer = ByteBuffer.wrap(packet);
    buffer.putShort(ip, (short) 40_001).putShort(ip + 2, (short) 5202);
    buffer.putShort(ip + 4, (short) (8 + payload.length));
    System.arraycopy(payload, 0, packet, ip + 8, payload.length);
    writeTransportChecksum(packet, ipv6, 17, ip + 6);
    return packet;
  }

  /**
   * The frame that the kernel would hand over for {@code packet} with its checksum left to us and
   * to be cut at {@code gsoSize}.
   */
  public static byte[] superFrame(byte[] packet, int gsoType, int gsoSize) {
    boolean ipv6 = (packet[0] & 0xF0) == 0x60;
    int ip = ipv6 ? 40 : 20;
    boolean tcp = gsoType != VirtioNetHeader.GSO_UDP_L4;
    int field = tcp ? 16 : 6;
    byte[] frame = new byte[VIRTIO + packet.length];
    System.arraycopy(packet, 0, frame, VIRTIO, packet.length);
    int partial = naivePseudoHeader(packet, ipv6, tcp ? 6 : 17, packet.length - ip);
    frame[VIRTIO + ip + field] = (byte) (partial >>> 8);
    frame[VIRTIO + ip + field + 1] = (byte) partial;
    ByteBuffer virtio = ByteBuffer.wrap(frame).order(java.nio.ByteOrder.nativeOrder());
    virtio.put(0, (byte) VirtioNetHeader.FLAG_NEEDS_CHECKSUM).put(1, (byte) gsoType);
    virtio.putShort(2, (short) (ip + (tcp ? 32 : 8))).putShort(4, (short) gsoSize);
    virtio.putShort(6, (short) ip).putShort(8, (short) field);
    return frame;
  }

  private static void writeIp(byte[] packet, boolean ipv6, int protocol, int id) {
    ByteBuffer buffer = ByteBuffer.wrap(packet);
    if (ipv6) {
      buffer.putInt(0, 0x6000_0000).putShort(4, (short) (packet.length - 40));
      buffer.put(6, (byte) protocol).put(7, (byte) 64);
      buffer.putLong(8, 0xFD42_0001_0000_0000L).putLong(16, 1);
      buffer.putLong(24, 0xFD42_0001_0000_0000L).putLong(32, 2);
      return;
    }
    buffer.put(0, (byte) 0x45).putShort(2, (short) packet.length).putShort(4, (short) id);
    buffer.putShort(6, (short) 0x4000).put(8, (byte) 64).put(9, (byte) protocol);
    buffer.putInt(12, 0x0A000001).putInt(16, 0x0A000002);
    int sum = ~naiveSum(packet, 0, 20, 0);
    buffer.putShort(10, (short) sum);
  }

  private static void writeTransportChecksum(byte[] packet, boolean ipv6, int protocol, int field) {
    int ip = ipv6 ? 40 : 20;
    int pseudo = naivePseudoHeader(packet, ipv6, protocol, packet.length - ip);
    int sum = ~naiveSum(packet, ip, packet.length, pseudo);
    packet[field] = (byte) (sum >>> 8);
    packet[field + 1] = (byte) sum;
  }
}
