package cloud.runbeam.wgagent.app.bench;

import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;
import cloud.runbeam.wgagent.engine.offload.Checksum;
import cloud.runbeam.wgagent.engine.offload.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** What a device hands over at a time. All go from {@link #SOURCE} to {@link #DESTINATION}. */
enum Frames {
  /** Single UDP packets that fill the MTU: a TUN device without offloads, or datagrams. */
  PACKETS("packets", FrameHeader.NONE) {
    @Override
    byte[] make() {
      byte[] frame = new byte[MTU_BYTES];
      writeIpv4(MemorySegment.ofArray(frame), 0, MTU_BYTES, UDP);
      MemorySegment udp = MemorySegment.ofArray(frame).asSlice(IPV4_HEADER_BYTES);
      udp.set(NETWORK_SHORT, 0, (short) 40_000);
      udp.set(NETWORK_SHORT, 2, (short) 40_000);
      // No checksum, as IPv4 allows (RFC 768).
      udp.set(NETWORK_SHORT, 4, (short) udp.byteSize());
      return frame;
    }
  },

  /** TCP super-packets of nearly 64 KiB: a TUN device with offloads. */
  SUPER_PACKETS("super_packets", FrameHeader.VIRTIO_NET) {
    @Override
    byte[] make() {
      int segmentBytes = MTU_BYTES - IPV4_HEADER_BYTES - TCP_HEADER_BYTES;
      int payloadBytes = SEGMENTS * segmentBytes;
      int tcpBytes = TCP_HEADER_BYTES + payloadBytes;
      byte[] frame = new byte[VirtioNetHeader.BYTES + IPV4_HEADER_BYTES + tcpBytes];
      MemorySegment memory = MemorySegment.ofArray(frame);
      VirtioNetHeader.writeSuperPacket(
          memory,
          0,
          VirtioNetHeader.GSO_TCPV4,
          IPV4_HEADER_BYTES + TCP_HEADER_BYTES,
          segmentBytes,
          IPV4_HEADER_BYTES,
          TCP_CHECKSUM);
      int ip = VirtioNetHeader.BYTES;
      writeIpv4(memory, ip, IPV4_HEADER_BYTES + tcpBytes, TCP);
      MemorySegment tcp = memory.asSlice(ip + IPV4_HEADER_BYTES);
      tcp.set(NETWORK_SHORT, 0, (short) 40_000);
      tcp.set(NETWORK_SHORT, 2, (short) 40_000);
      tcp.set(ValueLayout.JAVA_BYTE, TCP_DATA_OFFSET, (byte) ((TCP_HEADER_BYTES / 4) << 4));
      tcp.set(ValueLayout.JAVA_BYTE, TCP_FLAGS, TCP_ACK);
      Checksum.storePartial(
          tcp, TCP_CHECKSUM, Checksum.pseudoHeader(memory, ip, false, TCP, tcpBytes));
      return frame;
    }
  };

  static final int MTU_BYTES = 1420;
  static final int SOURCE = 10 << 24 | 77 << 16 | 1;
  static final int DESTINATION = 10 << 24 | 77 << 16 | 2;

  private static final ValueLayout.OfShort NETWORK_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt NETWORK_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int IPV4_HEADER_BYTES = 20;
  private static final int UDP = 17;
  private static final int UDP_HEADER_BYTES = 8;
  private static final int TCP = 6;
  private static final int TCP_HEADER_BYTES = 20;
  private static final int TCP_DATA_OFFSET = 12;
  private static final int TCP_FLAGS = 13;
  private static final byte TCP_ACK = 0x10;
  private static final int TCP_CHECKSUM = 16;

  /** As many as an IPv4 packet has room for. */
  private static final int SEGMENTS = 47;

  private final String code;
  private final FrameHeader header;

  Frames(String code, FrameHeader header) {
    this.code = code;
    this.header = header;
  }

  /** As JSON names it. */
  String code() {
    return code;
  }

  FrameHeader header() {
    return header;
  }

  /** A frame. */
  abstract byte[] make();

  /** Bytes of payload in a frame of {@code frameBytes}, one of ours or one made of several. */
  int payloadBytes(int frameBytes) {
    int transport = this == PACKETS ? UDP_HEADER_BYTES : TCP_HEADER_BYTES;
    return frameBytes - header.bytes() - IPV4_HEADER_BYTES - transport;
  }

  private static void writeIpv4(MemorySegment memory, long offset, int bytes, int protocol) {
    MemorySegment ip = memory.asSlice(offset);
    ip.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x45);
    ip.set(NETWORK_SHORT, 2, (short) bytes);
    ip.set(ValueLayout.JAVA_BYTE, 8, (byte) 64);
    ip.set(ValueLayout.JAVA_BYTE, 9, (byte) protocol);
    ip.set(NETWORK_INT, 12, SOURCE);
    ip.set(NETWORK_INT, 16, DESTINATION);
    Checksum.store(ip, 10, Checksum.add(0, ip, 0, IPV4_HEADER_BYTES));
  }
}
