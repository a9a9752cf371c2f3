package cloud.runbeam.wgagent.engine.routing;

import cloud.runbeam.wgagent.engine.io.IpLiteral;
import cloud.runbeam.wgagent.engine.io.IpText;

/**
 * An IP address with a prefix length: {@code 10.0.0.0/8}, {@code fd42::1/64}. Host bits are kept,
 * so that an interface's address can be told; {@link #network} clears them.
 *
 * <p>Addresses are 128 bits in network order. An IPv4 address is held in the upper 32 bits of
 * {@code high}, so that prefixes of both families count bits from the top.
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

  /**
   * The prefix that {@code text} writes: an address as in {@link IpLiteral}, without zone, with
   * {@code /length} behind it. Without a length, the address alone: {@code /32} or {@code /128}.
   * Host bits are kept.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    IpLiteral address = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash));
    if (!address.zone().isEmpty()) {
      throw new IllegalArgumentException("a prefix has no zone, but this has: %" + address.zone());
    }
    int longest = address.ipv6() ? 128 : 32;
    int length = slash < 0 ? longest : parseLength(text.substring(slash + 1), longest);
    return new IpPrefix(address.ipv6(), address.high(), address.low(), length);
  }

  private static int parseLength(String digits, int longest) {
    int length = 0;
    for (int i = 0; i < digits.length() && i < 3; i++) {
      char digit = digits.charAt(i);
      if (digit < '0' || digit > '9') {
        length = longest + 1;
        break;
      }
      length = 10 * length + digit - '0';
    }
    boolean leadingZero = digits.length() > 1 && digits.charAt(0) == '0';
    if (digits.isEmpty() || digits.length() > 3 || leadingZero || length > longest) {
      throw new IllegalArgumentException("the prefix length is not a number from 0 to " + longest);
    }
    return length;
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
