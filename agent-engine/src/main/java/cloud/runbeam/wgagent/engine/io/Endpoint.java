package cloud.runbeam.wgagent.engine.io;

import org.jspecify.annotations.Nullable;

/**
 * The outer address of a peer, with the local source that its packets last arrived at ("sticky
 * source"). Immutable.
 *
 * <p>Addresses are 128 bits in network order; IPv4 is held in its mapped form ({@code
 * ::ffff:a.b.c.d}, RFC 4291 section 2.5.5.2), so that one comparison serves both families.
 *
 * @param addressHigh upper 64 bits of the remote address
 * @param addressLow lower 64 bits of the remote address
 * @param port remote UDP port, 1 to 65,535
 * @param scopeId zone of a link-local IPv6 address as an interface index, otherwise 0
 * @param sourceHigh upper 64 bits of the local address to send from; 0 with {@code sourceLow} 0:
 *     let the routing table choose
 * @param sourceLow lower 64 bits of the local address to send from
 * @param sourceInterface interface index that goes with the source, 0 for none
 */
public record Endpoint(
    long addressHigh,
    long addressLow,
    int port,
    int scopeId,
    long sourceHigh,
    long sourceLow,
    int sourceInterface) {

  /**
   * Upper 48 bits of the lower half of an IPv4-mapped address: {@code 0000:ffff} before the 32
   * address bits.
   */
  private static final long IPV4_MAPPED_PREFIX = 0x0000_FFFF_0000_0000L;

  /** Validates the port and scope. */
  public Endpoint {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not in 1 to 65535");
    }
  }

  /**
   * An IPv4 endpoint with no source chosen; {@code address} holds the four bytes in network order.
   */
  public static Endpoint ipv4(int address, int port) {
    return new Endpoint(0, IPV4_MAPPED_PREFIX | (address & 0xFFFF_FFFFL), port, 0, 0, 0, 0);
  }

  /** An IPv6 endpoint with no source chosen. */
  public static Endpoint ipv6(long high, long low, int port, int scopeId) {
    return new Endpoint(high, low, port, scopeId, 0, 0, 0);
  }

  /** Whether the remote address is IPv4. */
  public boolean isIpv4() {
    return addressHigh == 0 && (addressLow & 0xFFFF_FFFF_0000_0000L) == IPV4_MAPPED_PREFIX;
  }

  /** Whether a local source is chosen. */
  public boolean hasSource() {
    return (sourceHigh | sourceLow) != 0;
  }

  /** The same remote with the choice of source left to the routing table again. */
  public Endpoint withoutSource() {
    return hasSource() || sourceInterface != 0
        ? new Endpoint(addressHigh, addressLow, port, scopeId, 0, 0, 0)
        : this;
  }

  /** Whether {@code other} names the same remote address, port and zone, whatever the source. */
  public boolean sameRemote(@Nullable Endpoint other) {
    return other != null
        && addressLow == other.addressLow
        && addressHigh == other.addressHigh
        && port == other.port
        && scopeId == other.scopeId;
  }

  /**
   * {@code 192.0.2.1:51820} or {@code [2001:db8::1]:51820} or {@code [fe80::1%3]:51820}, as {@code
   * wg} prints it.
   */
  @Override
  public String toString() {
    if (isIpv4()) {
      return IpText.ipv4((int) addressLow) + ":" + port;
    }
    String zone = scopeId == 0 ? "" : "%" + scopeId;
    return "[" + IpText.ipv6(addressHigh, addressLow) + zone + "]:" + port;
  }
}
