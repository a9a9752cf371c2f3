package cloud.runbeam.wgagent.engine.uapi;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.IpLiteral;
import java.net.NetworkInterface;
import java.net.SocketException;

/**
 * Endpoints as {@code wg} writes them once it has resolved names: {@code 192.0.2.1:51820}, {@code
 * [2001:db8::1%eth0]:51820}.
 */
final class EndpointText {
  private EndpointText() {}

  /**
   * Reads an endpoint.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[");
    int addressEnd = bracketed ? colon - 1 : colon;
    if (addressEnd < 1 || (bracketed && text.charAt(addressEnd) != ']')) {
      throw new IllegalArgumentException(
          "an endpoint is written address:port, IPv6 as [address]:port");
    }
    IpLiteral address = IpLiteral.parse(text.substring(bracketed ? 1 : 0, addressEnd));
    if (address.ipv6() != bracketed) {
      throw new IllegalArgumentException("IPv6 addresses, and only they, stand in brackets");
    }
    int port = port(text.substring(colon + 1));
    return address.ipv6()
        ? Endpoint.ipv6(address.high(), address.low(), port, zoneIndex(address.zone()))
        : Endpoint.ipv4((int) (address.high() >>> 32), port);
  }

  private static int port(String text) {
    int port = 0;
    for (int i = 0; i < text.length() && port <= 65_535; i++) {
      char digit = text.charAt(i);
      port = digit < '0' || digit > '9' ? 65_536 : 10 * port + digit - '0';
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("the port is not a number from 1 to 65535");
    }
    return port;
  }

  /**
   * The interface index of a zone (RFC 4007 section 11.2): a number, or an interface's name on this
   * host.
   */
  private static int zoneIndex(String zone) {
    if (zone.isEmpty()) {
      return 0;
    }
    if (zone.length() <= 9 && zone.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Integer.parseInt(zone);
    }
    try {
      NetworkInterface found = NetworkInterface.getByName(zone);
      if (found != null) {
        return found.getIndex();
      }
    } catch (SocketException e) {
      throw new IllegalArgumentException("cannot look up interface " + zone, e);
    }
    throw new IllegalArgumentException("there is no interface " + zone);
  }
}
