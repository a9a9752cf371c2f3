package cloud.runbeam.wgagent.engine.io;

import java.util.Arrays;

/**
 * An IP address as text writes it: the inverse of {@link IpText}, and deliberately strict. No
 * names, no octal or shortened IPv4 ({@code 010.1}, {@code 10.1}), no brackets, no white space:
 * what is read here is compared, routed and printed, and must mean the same to everybody.
 *
 * <p>IPv6 follows RFC 4291 section 2.2 in its three forms (full, {@code ::}, IPv4 in the last 32
 * bits), with an optional zone after {@code %} (RFC 4007 section 11).
 *
 * @param ipv6 the family
 * @param high upper 64 bits in network order; for IPv4 the address in its upper half and zero below
 * @param low lower 64 bits; zero for IPv4
 * @param zone what stands behind {@code %}, an interface's name or index; empty for none
 */
public record IpLiteral(boolean ipv6, long high, long low, String zone) {
  private static final int GROUPS = 8;

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static IpLiteral parse(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("an address is missing");
    }
    if (text.indexOf(':') < 0) {
      return new IpLiteral(false, parseIpv4(text) << 32, 0, "");
    }
    int percent = text.indexOf('%');
    String zone = percent < 0 ? "" : text.substring(percent + 1);
    if (percent >= 0 && !isZone(zone)) {
      throw new IllegalArgumentException("the zone behind % is not an interface name or index");
    }
    return parseIpv6(percent < 0 ? text : text.substring(0, percent), zone);
  }

  /** Four decimal numbers; the result's upper half is zero. */
  private static long parseIpv4(String text) {
    long address = 0;
    int numbers = 0;
    int position = 0;
    while (true) {
      int dot = text.indexOf('.', position);
      int end = dot < 0 ? text.length() : dot;
      address = (address << 8) | parseOctet(text, position, end);
      numbers++;
      if (dot < 0 || numbers > 4) {
        break;
      }
      position = dot + 1;
    }
    if (numbers != 4) {
      throw new IllegalArgumentException("an IPv4 address has four numbers with dots between them");
    }
    return address;
  }

  private static int parseOctet(String text, int start, int end) {
    int value = 0;
    boolean valid = end > start && end - start <= 3;
    for (int i = start; valid && i < end; i++) {
      char digit = text.charAt(i);
      valid = digit >= '0' && digit <= '9';
      value = 10 * value + digit - '0';
    }
    if (!valid || value > 255) {
      throw new IllegalArgumentException("not an IP address: each number is from 0 to 255");
    }
    if (end - start > 1 && text.charAt(start) == '0') {
      throw new IllegalArgumentException("a number in an IPv4 address does not start with 0");
    }
    return value;
  }

  private static IpLiteral parseIpv6(String text, String zone) {
    int[] groups = new int[GROUPS];
    int count = 0;
    int gap = -1;
    int position = 0;
    if (text.startsWith("::")) {
      gap = 0;
      position = 2;
    } else if (text.startsWith(":")) {
      throw new IllegalArgumentException("an IPv6 address does not start with a single colon");
    }
    while (position < text.length()) {
      int colon = text.indexOf(':', position);
      int end = colon < 0 ? text.length() : colon;
      if (colon < 0 && text.indexOf('.', position) >= 0) {
        requireRoom(count + 1);
        long ipv4 = parseIpv4(text.substring(position));
        groups[count++] = (int) (ipv4 >>> 16);
        groups[count++] = (int) ipv4 & 0xFFFF;
        break;
      }
      requireRoom(count);
      groups[count++] = parseGroup(text, position, end);
      if (colon < 0) {
        break;
      }
      position = colon + 1;
      if (position == text.length()) {
        throw new IllegalArgumentException("an IPv6 address does not end with a single colon");
      }
      if (text.charAt(position) == ':') {
        if (gap >= 0) {
          throw new IllegalArgumentException("an IPv6 address has :: only once");
        }
        gap = count;
        position++;
      }
    }
    if (gap < 0 ? count != GROUPS : count == GROUPS) {
      throw new IllegalArgumentException(
          "an IPv6 address has eight groups, or fewer and :: in place of the rest");
    }
    if (gap >= 0) {
      int behindGap = count - gap;
      System.arraycopy(groups, gap, groups, GROUPS - behindGap, behindGap);
      Arrays.fill(groups, gap, GROUPS - behindGap, 0);
    }
    return new IpLiteral(true, word(groups, 0), word(groups, 4), zone);
  }

  private static void requireRoom(int index) {
    if (index >= GROUPS) {
      throw new IllegalArgumentException("an IPv6 address has no more than eight groups");
    }
  }

  private static int parseGroup(String text, int start, int end) {
    int value = 0;
    boolean valid = end > start && end - start <= 4;
    for (int i = start; valid && i < end; i++) {
      // Character.digit knows the digits of all scripts; addresses are ASCII.
      char symbol = text.charAt(i);
      int digit = symbol < 128 ? Character.digit(symbol, 16) : -1;
      valid = digit >= 0;
      value = (value << 4) | digit;
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "a group of an IPv6 address has one to four hexadecimal digits");
    }
    return value;
  }

  private static long word(int[] groups, int first) {
    return ((long) groups[first] << 48)
        | ((long) groups[first + 1] << 32)
        | ((long) groups[first + 2] << 16)
        | groups[first + 3];
  }

  /** Interface names as this agent allows them; that includes indexes. */
  private static boolean isZone(String zone) {
    if (zone.isEmpty() || zone.length() > 15) {
      return false;
    }
    for (int i = 0; i < zone.length(); i++) {
      char symbol = zone.charAt(i);
      boolean letterOrDigit =
          (symbol >= 'a' && symbol <= 'z')
              || (symbol >= 'A' && symbol <= 'Z')
              || (symbol >= '0' && symbol <= '9');
      if (!letterOrDigit && "_=+.-".indexOf(symbol) < 0) {
        return false;
      }
    }
    return true;
  }
}
