package cloud.runbeam.wgagent.engine.offload;

import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Joins decrypted packets that follow each other in one flow into one super-packet for the TUN
 * device: the opposite of {@link FrameSegmenter}.
 *
 * <pre>
 *   batch: [virtio][IP][TCP][payload 0]            add() writes nothing: the packet was decrypted behind the batch's last frame
 *          [virtio][IP][TCP][payload 0][payload 1]   a continuation's payload moves up against the frame, its headers are dropped
 *   finish(): lengths, pseudo header sum and virtio header of the super-packet
 * </pre>
 *
 * <p>Only the newest frame is open for continuation: senders with segmentation offload send a
 * flow's segments in a row, and order is kept between all packets by construction. The rules of
 * joining are those of Linux GRO (net/ipv4/tcp_offload.c): same addresses, ports, hop limit, class,
 * acknowledgment and options; consecutive sequence; only ACK and PSH; all pieces but the last of
 * one size. Checksums are verified first, because the host does not verify those of super-packets.
 *
 * <p>Not thread-safe; belongs to the thread that writes the TUN device.
 */
public final class FrameCoalescer {
  /** The kernel takes no longer IP packet from a TUN device. */
  private static final int MAX_IP_BYTES = 65_535;

  private static final int IPV4_DONT_FRAGMENT = 0x4000;

  private final boolean joinsUdp;

  // The open frame; transportStart 0: none.
  private int frame;
  private boolean ipv6;
  private boolean tcp;
  private int transportStart;
  private int headerBytes;
  private int pieceBytes;
  private int pieces;
  private int nextSequence;
  private boolean complete;

  // The packet looked at.
  private int packetTransportStart;
  private int packetHeaderBytes;
  private int packetPayloadBytes;
  private boolean packetTcp;
  private boolean packetIpv6;

  /**
   * A coalescer.
   *
   * @param joinsUdp whether the TUN device takes UDP super-packets (Linux 6.2: TUN_F_USO4,
   *     TUN_F_USO6)
   */
  public FrameCoalescer(boolean joinsUdp) {
    this.joinsUdp = joinsUdp;
  }

  /**
   * Takes the IP packet of {@code bytes} that stands {@link VirtioNetHeader#BYTES} behind {@code
   * batch.position()}: joins it with the newest frame or makes it a frame of its own.
   */
  public void add(PacketBatch batch, int bytes) {
    MemorySegment memory = batch.memory();
    int ip = batch.position() + VirtioNetHeader.BYTES;
    boolean joinable = dissect(memory, ip, bytes) && checksumHolds(memory, ip, bytes);
    if (joinable && continues(batch, memory, ip)) {
      join(batch, memory, ip);
      return;
    }
    finish(batch);
    VirtioNetHeader.writePlain(memory, batch.position());
    frame = batch.position();
    batch.append(VirtioNetHeader.BYTES + bytes);
    if (joinable) {
      open(memory, ip);
    }
  }

  /** Completes the newest frame; to be called before the batch is written. */
  public void finish(PacketBatch batch) {
    if (transportStart != 0 && pieces > 1) {
      writeHeaders(batch.memory(), batch.length(batch.size() - 1) - VirtioNetHeader.BYTES);
    }
    transportStart = 0;
  }

  /** Whether the packet is of a kind that can be joined; finds its headers. */
  private boolean dissect(MemorySegment memory, int ip, int bytes) {
    packetIpv6 = IpHeader.version(memory, ip) == 6;
    int protocol;
    if (packetIpv6) {
      protocol = memory.get(ValueLayout.JAVA_BYTE, ip + IpHeader.IPV6_NEXT_HEADER) & 0xFF;
      packetTransportStart = IpHeader.IPV6_BYTES;
    } else {
      int first = memory.get(ValueLayout.JAVA_BYTE, ip) & 0xFF;
      int fragment = memory.get(TransportHeader.SHORT, ip + IpHeader.IPV4_FLAGS_FRAGMENT) & 0xFFFF;
      if (first != 0x45 || (fragment & ~IPV4_DONT_FRAGMENT) != 0) {
        return false; // options or a fragment
      }
      if (Checksum.fold(Checksum.add(0, memory, ip, IpHeader.IPV4_BYTES)) != 0xFFFF) {
        return false;
      }
      protocol = memory.get(ValueLayout.JAVA_BYTE, ip + IpHeader.IPV4_PROTOCOL) & 0xFF;
      packetTransportStart = IpHeader.IPV4_BYTES;
    }
    packetTcp = protocol == TransportHeader.PROTOCOL_TCP;
    if (packetTcp) {
      return dissectTcp(memory, ip, bytes);
    }
    return joinsUdp && protocol == TransportHeader.PROTOCOL_UDP && dissectUdp(memory, ip, bytes);
  }

  private boolean dissectTcp(MemorySegment memory, int ip, int bytes) {
    if (bytes < packetTransportStart + TransportHeader.TCP_BYTES) {
      return false;
    }
    int tcpAt = ip + packetTransportStart;
    int dataOffset = memory.get(ValueLayout.JAVA_BYTE, tcpAt + TransportHeader.TCP_DATA_OFFSET);
    int flags = memory.get(ValueLayout.JAVA_BYTE, tcpAt + TransportHeader.TCP_FLAGS) & 0xFF;
    packetHeaderBytes = packetTransportStart + ((dataOffset >>> 4) & 0xF) * Integer.BYTES;
    packetPayloadBytes = bytes - packetHeaderBytes;
    return (flags & ~TransportHeader.TCP_FLAG_PSH) == TransportHeader.TCP_FLAG_ACK
        && packetHeaderBytes >= packetTransportStart + TransportHeader.TCP_BYTES
        && packetPayloadBytes > 0;
  }

  private boolean dissectUdp(MemorySegment memory, int ip, int bytes) {
    if (bytes <= packetTransportStart + TransportHeader.UDP_BYTES) {
      return false;
    }
    int udpAt = ip + packetTransportStart;
    packetHeaderBytes = packetTransportStart + TransportHeader.UDP_BYTES;
    packetPayloadBytes = bytes - packetHeaderBytes;
    int length = memory.get(TransportHeader.SHORT, udpAt + TransportHeader.UDP_LENGTH) & 0xFFFF;
    return length == bytes - packetTransportStart
        && memory.get(TransportHeader.SHORT, udpAt + TransportHeader.UDP_CHECKSUM) != 0;
  }

  private boolean checksumHolds(MemorySegment memory, int ip, int bytes) {
    int protocol = packetTcp ? TransportHeader.PROTOCOL_TCP : TransportHeader.PROTOCOL_UDP;
    int transportBytes = bytes - packetTransportStart;
    long sum = Checksum.pseudoHeader(memory, ip, packetIpv6, protocol, transportBytes);
    return Checksum.fold(Checksum.add(sum, memory, ip + packetTransportStart, transportBytes))
        == 0xFFFF;
  }

  private void open(MemorySegment memory, int ip) {
    ipv6 = packetIpv6;
    tcp = packetTcp;
    transportStart = packetTransportStart;
    headerBytes = packetHeaderBytes;
    pieceBytes = packetPayloadBytes;
    pieces = 1;
    complete = false;
    if (tcp) {
      int tcpAt = ip + transportStart;
      nextSequence =
          memory.get(TransportHeader.INT, tcpAt + TransportHeader.TCP_SEQUENCE) + pieceBytes;
      complete = pushes(memory, tcpAt);
    }
  }

  private boolean continues(PacketBatch batch, MemorySegment memory, int ip) {
    if (transportStart == 0
        || complete
        || tcp != packetTcp
        || ipv6 != packetIpv6
        || headerBytes != packetHeaderBytes
        || packetPayloadBytes > pieceBytes) {
      return false;
    }
    int frameBytes = batch.length(batch.size() - 1) - VirtioNetHeader.BYTES;
    int openIp = frame + VirtioNetHeader.BYTES;
    return frameBytes + packetPayloadBytes <= MAX_IP_BYTES
        && sameIpHeader(memory, openIp, ip)
        && (tcp ? continuesTcp(memory, openIp, ip) : samePorts(memory, openIp, ip));
  }

  private boolean sameIpHeader(MemorySegment memory, int one, int other) {
    if (ipv6) {
      // Version, class, label; next header and hop limit; addresses. Not the length.
      return sameInt(memory, one, other)
          && memory.get(TransportHeader.SHORT, one + IpHeader.IPV6_NEXT_HEADER)
              == memory.get(TransportHeader.SHORT, other + IpHeader.IPV6_NEXT_HEADER)
          && sameLong(memory, one + 8, other + 8)
          && sameLong(memory, one + 16, other + 16)
          && sameLong(memory, one + 24, other + 24)
          && sameLong(memory, one + 32, other + 32);
    }
    // Version, IHL and class; don't-fragment; time to live and protocol; addresses. Not length,
    // identification, checksum.
    return memory.get(TransportHeader.SHORT, one) == memory.get(TransportHeader.SHORT, other)
        && sameInt(memory, one + IpHeader.IPV4_FLAGS_FRAGMENT, other + IpHeader.IPV4_FLAGS_FRAGMENT)
        && sameLong(memory, one + 12, other + 12);
  }

  private boolean continuesTcp(MemorySegment memory, int openIp, int ip) {
    int one = openIp + transportStart;
    int other = ip + transportStart;
    if (memory.get(TransportHeader.INT, other + TransportHeader.TCP_SEQUENCE) != nextSequence
        || !sameInt(memory, one, other)
        || !sameInt(
            memory,
            one + TransportHeader.TCP_ACKNOWLEDGMENT,
            other + TransportHeader.TCP_ACKNOWLEDGMENT)) {
      return false;
    }
    for (int option = TransportHeader.TCP_BYTES;
        option < headerBytes - transportStart;
        option += Integer.BYTES) {
      if (!sameInt(memory, one + option, other + option)) {
        return false;
      }
    }
    return true;
  }

  private boolean samePorts(MemorySegment memory, int openIp, int ip) {
    return sameInt(memory, openIp + transportStart, ip + transportStart);
  }

  private void join(PacketBatch batch, MemorySegment memory, int ip) {
    if (tcp) {
      nextSequence += packetPayloadBytes;
      if (pushes(memory, ip + transportStart)) {
        long flagsAt =
            (long) frame + VirtioNetHeader.BYTES + transportStart + TransportHeader.TCP_FLAGS;
        int flags = memory.get(ValueLayout.JAVA_BYTE, flagsAt);
        memory.set(ValueLayout.JAVA_BYTE, flagsAt, (byte) (flags | TransportHeader.TCP_FLAG_PSH));
        complete = true;
      }
    }
    MemorySegment.copy(
        memory, ip + (long) headerBytes, memory, batch.position(), packetPayloadBytes);
    batch.extendLast(packetPayloadBytes);
    pieces++;
    if (packetPayloadBytes < pieceBytes) {
      complete = true; // only the last piece may be shorter
    }
  }

  private void writeHeaders(MemorySegment memory, int ipBytes) {
    int ip = frame + VirtioNetHeader.BYTES;
    if (ipv6) {
      memory.set(
          TransportHeader.SHORT,
          ip + IpHeader.IPV6_PAYLOAD_LENGTH,
          (short) (ipBytes - IpHeader.IPV6_BYTES));
    } else {
      memory.set(TransportHeader.SHORT, ip + IpHeader.IPV4_TOTAL_LENGTH, (short) ipBytes);
      IpHeader.writeIpv4Checksum(memory, ip);
    }
    int transportBytes = ipBytes - transportStart;
    int checksumOffset = tcp ? TransportHeader.TCP_CHECKSUM : TransportHeader.UDP_CHECKSUM;
    if (!tcp) {
      memory.set(
          TransportHeader.SHORT,
          ip + transportStart + TransportHeader.UDP_LENGTH,
          (short) transportBytes);
    }
    int protocol = tcp ? TransportHeader.PROTOCOL_TCP : TransportHeader.PROTOCOL_UDP;
    Checksum.storePartial(
        memory,
        ip + transportStart + checksumOffset,
        Checksum.pseudoHeader(memory, ip, ipv6, protocol, transportBytes));
    int type =
        tcp
            ? ipv6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4
            : VirtioNetHeader.GSO_UDP_L4;
    VirtioNetHeader.writeSuperPacket(
        memory, frame, type, headerBytes, pieceBytes, transportStart, checksumOffset);
  }

  private static boolean pushes(MemorySegment memory, int tcpAt) {
    return (memory.get(ValueLayout.JAVA_BYTE, tcpAt + TransportHeader.TCP_FLAGS)
            & TransportHeader.TCP_FLAG_PSH)
        != 0;
  }

  private static boolean sameInt(MemorySegment memory, long one, long other) {
    return memory.get(TransportHeader.INT, one) == memory.get(TransportHeader.INT, other);
  }

  private static boolean sameLong(MemorySegment memory, long one, long other) {
    return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, one)
        == memory.get(ValueLayout.JAVA_LONG_UNALIGNED, other);
  }
}
