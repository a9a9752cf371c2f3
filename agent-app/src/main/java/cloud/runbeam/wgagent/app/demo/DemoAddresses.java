package cloud.runbeam.wgagent.app.demo;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * The two ends' addresses in one family. They come from ranges in which no host of a user's network
 * should be: 198.18.0.0/15 is for benchmarks (RFC 2544), and the IPv6 prefix is a local one (RFC
 * 4193) that spells "wgdemo".
 *
 * @param near this machine's address, with the length of the subnet that both share
 * @param far the embedded peer's address, as a host prefix
 */
record DemoAddresses(IpPrefix near, IpPrefix far) {
  /** How many demos can run side by side. */
  static final int MAX_NUMBER = 16;

  /** 198.18.53.0/24, cut into subnets of four addresses. */
  private static final int IPV4_BASE = 198 << 24 | 18 << 16 | 53 << 8;

  /** fd77:6764:656d:6f00::/64, cut into subnets of four addresses. */
  private static final long IPV6_BASE_HIGH = 0xFD77_6764_656D_6F00L;

  /** The addresses of {@code wg-demo<number>}. */
  static DemoAddresses ipv4(int number) {
    int subnet = IPV4_BASE + 4 * number;
    return new DemoAddresses(IpPrefix.ipv4(subnet + 1, 30), IpPrefix.ipv4(subnet + 2, 32));
  }

  /** The addresses of {@code wg-demo<number>}. */
  static DemoAddresses ipv6(int number) {
    long subnet = 4L * number;
    return new DemoAddresses(
        IpPrefix.ipv6(IPV6_BASE_HIGH, subnet + 1, 126),
        IpPrefix.ipv6(IPV6_BASE_HIGH, subnet + 2, 128));
  }

  /** Our address alone, as the peer's allowed IP. */
  IpPrefix nearHost() {
    return new IpPrefix(near.ipv6(), near.high(), near.low(), near.ipv6() ? 128 : 32);
  }

  InetAddress nearAddress() {
    return address(near);
  }

  InetAddress farAddress() {
    return address(far);
  }

  private static InetAddress address(IpPrefix prefix) {
    byte[] bytes =
        prefix.ipv6()
            ? ByteBuffer.allocate(16).putLong(prefix.high()).putLong(prefix.low()).array()
            : ByteBuffer.allocate(4).putInt((int) (prefix.high() >>> 32)).array();
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are addresses", e);
    }
  }
}
