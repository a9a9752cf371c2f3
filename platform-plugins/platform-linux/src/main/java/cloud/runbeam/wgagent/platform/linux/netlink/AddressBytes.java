package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Addresses as netlink carries them: 4 or 16 bytes in network order. */
final class AddressBytes {
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;

  private AddressBytes() {}

  static byte[] of(IpPrefix prefix) {
    return prefix.ipv6() ? ipv6(prefix.high(), prefix.low()) : ipv4((int) (prefix.high() >>> 32));
  }

  /** The remote address of {@code endpoint} in its own family. */
  static byte[] remoteOf(Endpoint endpoint) {
    return endpoint.isIpv4()
        ? ipv4((int) endpoint.addressLow())
        : ipv6(endpoint.addressHigh(), endpoint.addressLow());
  }

  static byte[] ipv4(int address) {
    return ByteBuffer.allocate(IPV4_BYTES).putInt(address).array();
  }

  private static byte[] ipv6(long high, long low) {
    return ByteBuffer.allocate(IPV6_BYTES).putLong(high).putLong(low).array();
  }

  /** The prefix of {@code address} and {@code length}; empty when they do not fit the family. */
  static Optional<IpPrefix> prefix(int family, byte[] address, int length) {
    ByteBuffer bytes = ByteBuffer.wrap(address);
    if (family == Rtnetlink.AF_INET && address.length == IPV4_BYTES && length <= 32) {
      return Optional.of(IpPrefix.ipv4(bytes.getInt(), length));
    }
    if (family == Rtnetlink.AF_INET6 && address.length == IPV6_BYTES && length <= 128) {
      return Optional.of(IpPrefix.ipv6(bytes.getLong(), bytes.getLong(), length));
    }
    return Optional.empty();
  }
}
