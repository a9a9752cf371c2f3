package cloud.runbeam.wgagent.engine.routing;

import cloud.runbeam.wgagent.engine.io.IpText;

/**
 * An IP address with a prefix length: {@code 10.0.0.0/8}, {@code fd42::1/64}. Host bits are kept, so that an interface's address can be
 * told; {@link #network} clears them.
 *
 * <p>Addresses are 128 bits in network order. An IPv4 address is held in the upper 32 bits of {@code high}, so that prefixes of both families
 * count bits from the top.
 *
 * @param ipv6 the family
 * @param high upper 64 bits; for IPv4 the address in its upper half and zero below
 * @param low lower 64 bits; zero for IPv4
 * @param length prefix length, 0 to 32 or 0 to 128
 */
public record IpPrefix(boolean ipv6, long high, long low, int length) {
  /** Validates the length and, for IPv4, that nothing stands below the address. */
  public IpPrefix {
    if (length < 0 || length > (ipv6 ? 128 : 32)) {
      throw new IllegalArgumentException(
          "prefix length " + length + " is not in 0 to " + (ipv6 ? 128 : 32));
    }
    if (!ipv6 && ((high & 0xFFFF_FFFFL) != 0 || low != 0)) {
      throw new IllegalArgumentException("an IPv4 address has 32 bits");
    }
  }

  /** An IPv4 prefix; {@code address} holds the four bytes in network order. */
  public static IpPrefix ipv4(int address, int length) {
    return new IpPrefix(false, (long) address << 32, 0, length);
  }

  /** An IPv6 prefix. */
  public static IpPrefix ipv6(long high, long low, int length) {
    return new IpPrefix(true, high, low, length);
  }

  /** The same prefix with its host bits cleared. */
  public IpPrefix network() {
    long highMask = length >= 64 ? -1L : length == 0 ? 0 : -1L << (64 - length);
    long lowMask = length <= 64 ? 0 : -1L << (128 - length);
    return (high & ~highMask) == 0 && (low & ~lowMask) == 0
        ? this
        : new IpPrefix(ipv6, high & highMask, low & lowMask, length);
  }

  /** The address without the length, in text. */
  public String addressText() {
    return ipv6 ? IpText.ipv6(high, low) : IpText.ipv4((int) (high >>> 32));
  }

  @Override
  public String toString() {
    return addressText() + "/" + length;
  }
}
