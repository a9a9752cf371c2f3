package cloud.runbeam.wgagent.app.demo;

/** The 16-bit ones' complement checksum of IP, ICMP and UDP (RFC 1071). */
final class InternetChecksum {
  private long sum;

  /** Adds bytes; every part but the last must have an even length. */
  InternetChecksum add(byte[] bytes, int offset, int length) {
    for (int i = 0; i + 1 < length; i += 2) {
      sum += (bytes[offset + i] & 0xFF) << 8 | (bytes[offset + i + 1] & 0xFF);
    }
    if ((length & 1) != 0) {
      sum += (bytes[offset + length - 1] & 0xFF) << 8;
    }
    return this;
  }

  /** Adds one 16-bit value. */
  InternetChecksum add(int value) {
    sum += value & 0xFFFF;
    return this;
  }

  /**
   * Adds the pseudo-header that UDP and ICMPv6 cover (RFC 768, RFC 8200 section 8.1).
   *
   * @param length of the transport header and data in bytes, up to 65,535
   */
  InternetChecksum addPseudoHeader(IpPacket packet, int length) {
    byte[] source = packet.source();
    byte[] destination = packet.destination();
    return add(source, 0, source.length)
        .add(destination, 0, destination.length)
        .add(packet.protocol())
        .add(length);
  }

  /** The checksum to store; over data that holds a correct checksum it is 0. */
  int value() {
    long folded = sum;
    while (folded > 0xFFFF) {
      folded = (folded & 0xFFFF) + (folded >>> 16);
    }
    return (int) ~folded & 0xFFFF;
  }
}
