package cloud.runbeam.wgagent.engine.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a frame from a TUN device with segmentation offload into the packets that the kernel would
 * have sent without it.
 *
 * <pre>
 *   [virtio][IP][TCP][............ up to 64 KiB ............]
 *                     │ gso size │ gso size │ ... │ rest │
 *   begin()  checks the headers, answers with the number of packets
 *   packet() i = 0.. : headers copied and corrected (length, identification, sequence, flags, checksums), one piece of payload
 * </pre>
 *
 * <p>Not thread-safe; works on one frame at a time, whose memory must stay as it is from {@link
 * #begin} to the last {@link #packet}.
 */
public final class FrameSegmenter {
  /**
   * More packets than a frame of 64 KiB can honestly hold at the smallest payload IPv4 hosts must
   * take (RFC 791: 576 bytes).
   */
  private static final int MAX_PACKETS = 128;

  private @Nullable MemorySegment source;
  private long ipOffset;
  private boolean ipv6;
  private boolean tcp;
  private int transportStart;
  private int headerBytes;
  private int payloadBytes;
  private int pieceBytes;
  private int packets;

  /**
   * Takes a frame with its {@link VirtioNetHeader}.
   *
   * @param offset of the virtio header
   * @param frameBytes with the virtio header
   * @return the number of packets, at least 2 for a super-packet, 1 for a plain packet (then it
   *     stands in place behind the virtio header, its checksum completed); or -1 if the headers
   *     contradict each other
   */
  public int begin(MemorySegment memory, long offset, int frameBytes) {
    int ipBytes =
        IpHeader.packetBytes(
            memory, offset + VirtioNetHeader.BYTES, frameBytes - VirtioNetHeader.BYTES);
    if (ipBytes < 0) {
      return -1;
    }
    source = memory;
    ipOffset = offset + VirtioNetHeader.BYTES;
    int type = VirtioNetHeader.gsoType(memory, offset) & ~VirtioNetHeader.GSO_ECN;
    boolean needsChecksum =
        (VirtioNetHeader.flags(memory, offset) & VirtioNetHeader.FLAG_NEEDS_CHECKSUM) != 0;
    int checksumStart = VirtioNetHeader.checksumStart(memory, offset);
    int checksumOffset = VirtioNetHeader.checksumOffset(memory, offset);
    if (type == VirtioNetHeader.GSO_NONE) {
      packets = 1;
      return needsChecksum ? completeChecksum(memory, ipBytes, checksumStart, checksumOffset) : 1;
    }
    return beginSuperPacket(memory, offset, type, ipBytes, checksumStart);
  }

  /**
   * Writes packet {@code index} of the super-packet to {@code target}.
   *
   * @return its length in bytes
   */
  public int packet(int index, MemorySegment target, long targetOffset) {
    MemorySegment memory = Objects.requireNonNull(source);
    int payloadStart = index * pieceBytes;
    int bytes = Math.min(pieceBytes, payloadBytes - payloadStart);
    boolean last = index == packets - 1;
    MemorySegment.copy(memory, ipOffset, target, targetOffset, headerBytes);
    MemorySegment.copy(
        memory, ipOffset + headerBytes + payloadStart, target, targetOffset + headerBytes, bytes);
    writeIpHeader(target, targetOffset, index, headerBytes + bytes);
    if (tcp) {
      writeTcpHeader(target, targetOffset + transportStart, payloadStart, index == 0, last);
    } else {
      target.set(
          TransportHeader.SHORT,
          targetOffset + transportStart + TransportHeader.UDP_LENGTH,
          (short) (TransportHeader.UDP_BYTES + bytes));
    }
    writeTransportChecksum(target, targetOffset, headerBytes - transportStart + bytes);
    return headerBytes + bytes;
  }

  private int completeChecksum(
      MemorySegment memory, int ipBytes, int checksumStart, int checksumOffset) {
    int field = checksumStart + checksumOffset;
    if (checksumStart < IpHeader.IPV4_BYTES || field + Short.BYTES > ipBytes) {
      return -1;
    }
    // The field holds the pseudo header's sum: summing from the transport header on includes it.
    long sum = Checksum.add(0, memory, ipOffset + checksumStart, ipBytes - checksumStart);
    Checksum.store(memory, ipOffset + field, sum);
    return 1;
  }

  private int beginSuperPacket(
      MemorySegment memory, long offset, int type, int ipBytes, int checksumStart) {
    ipv6 = IpHeader.version(memory, ipOffset) == 6;
    tcp = type != VirtioNetHeader.GSO_UDP_L4;
    boolean typeFits =
        type == VirtioNetHeader.GSO_UDP_L4
            || (type == VirtioNetHeader.GSO_TCPV4 && !ipv6)
            || (type == VirtioNetHeader.GSO_TCPV6 && ipv6);
    transportStart = checksumStart;
    int transportMinimum = tcp ? TransportHeader.TCP_BYTES : TransportHeader.UDP_BYTES;
    int ipMinimum = ipv6 ? IpHeader.IPV6_BYTES : IpHeader.IPV4_BYTES;
    if (!typeFits || transportStart < ipMinimum || transportStart + transportMinimum > ipBytes) {
      return -1;
    }
    if (tcp) {
      int dataOffset =
          memory.get(
              ValueLayout.JAVA_BYTE, ipOffset + transportStart + TransportHeader.TCP_DATA_OFFSET);
      headerBytes = transportStart + ((dataOffset >>> 4) & 0xF) * Integer.BYTES;
    } else {
      headerBytes = transportStart + TransportHeader.UDP_BYTES;
    }
    payloadBytes = ipBytes - headerBytes;
    pieceBytes = VirtioNetHeader.gsoSize(memory, offset);
    if (headerBytes < transportStart + transportMinimum || payloadBytes <= 0 || pieceBytes == 0) {
      return -1;
    }
    packets = Math.ceilDiv(payloadBytes, pieceBytes);
    return packets <= MAX_PACKETS ? packets : -1;
  }

  private void writeIpHeader(MemorySegment target, long at, int index, int packetBytes) {
    if (ipv6) {
      target.set(
          TransportHeader.SHORT,
          at + IpHeader.IPV6_PAYLOAD_LENGTH,
          (short) (packetBytes - IpHeader.IPV6_BYTES));
      return;
    }
    target.set(TransportHeader.SHORT, at + IpHeader.IPV4_TOTAL_LENGTH, (short) packetBytes);
    short identification = target.get(TransportHeader.SHORT, at + IpHeader.IPV4_IDENTIFICATION);
    target.set(
        TransportHeader.SHORT, at + IpHeader.IPV4_IDENTIFICATION, (short) (identification + index));
    IpHeader.writeIpv4Checksum(target, at);
  }

  private void writeTcpHeader(
      MemorySegment target, long at, int payloadStart, boolean first, boolean last) {
    int sequence = target.get(TransportHeader.INT, at + TransportHeader.TCP_SEQUENCE);
    target.set(TransportHeader.INT, at + TransportHeader.TCP_SEQUENCE, sequence + payloadStart);
    int flags = target.get(ValueLayout.JAVA_BYTE, at + TransportHeader.TCP_FLAGS);
    if (!last) {
      flags &= ~(TransportHeader.TCP_FLAG_FIN | TransportHeader.TCP_FLAG_PSH);
    }
    if (!first) {
      flags &= ~TransportHeader.TCP_FLAG_CWR;
    }
    target.set(ValueLayout.JAVA_BYTE, at + TransportHeader.TCP_FLAGS, (byte) flags);
  }

  private void writeTransportChecksum(MemorySegment target, long at, int transportBytes) {
    int protocol = tcp ? TransportHeader.PROTOCOL_TCP : TransportHeader.PROTOCOL_UDP;
    long field =
        at + transportStart + (tcp ? TransportHeader.TCP_CHECKSUM : TransportHeader.UDP_CHECKSUM);
    target.set(TransportHeader.SHORT, field, (short) 0);
    long sum = Checksum.pseudoHeader(target, at, ipv6, protocol, transportBytes);
    sum = Checksum.add(sum, target, at + transportStart, transportBytes);
    Checksum.store(target, field, sum);
    if (!tcp && target.get(TransportHeader.SHORT, field) == 0) {
      target.set(TransportHeader.SHORT, field, (short) -1); // RFC 768: zero means "no checksum"
    }
  }
}
