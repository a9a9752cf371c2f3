package cloud.runbeam.wgagent.app.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a peer is reached, as written: a name or an IP address, and a port. Resolved when the
 * tunnel starts.
 *
 * @param host a DNS name or an IP address, IPv6 without brackets
 * @param port 1 to 65,535
 */
public record EndpointName(String host, int port) {
  private static final Pattern BRACKETED = Pattern.compile("\\[([^\\[\\]]+)]:([0-9]{1,5})");
  private static final Pattern PLAIN = Pattern.compile("([^:\\[\\]]+):([0-9]{1,5})");

  /**
   * RFC 1123 section 2.1: letters, digits and inner hyphens; underscores occur in practice. A name
   * is at most 253 long.
   */
  private static final Pattern DNS_NAME =
      Pattern.compile(
          "(?=.{1,253}\\.?$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\\.?");

  private static final Pattern ALL_DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");

  /**
   * Reads {@code host:port}, {@code 192.0.2.1:port} or {@code [2001:db8::1]:port}.
   *
   * @throws IllegalArgumentException saying what is wrong with {@code text}, fit to follow it and a
   *     colon in a message
   */
  public static EndpointName parse(String text) {
    Matcher bracketed = BRACKETED.matcher(text);
    if (bracketed.matches()) {
      String host = bracketed.group(1);
      if (!IpLiterals.isIpv6WithZone(host)) {
        throw new IllegalArgumentException("\"" + host + "\" in brackets is not an IPv6 address");
      }
      return new EndpointName(host, port(bracketed.group(2)));
    }
    Matcher plain = PLAIN.matcher(text);
    if (!plain.matches()) {
      if (IpLiterals.isAddress(text) && text.indexOf(':') >= 0) {
        throw new IllegalArgumentException("it has no port, and an IPv6 address needs brackets");
      }
      throw new IllegalArgumentException(
          text.indexOf(':') < 0 ? "it has no port" : "it is not of the form host:port");
    }
    String host = plain.group(1);
    boolean numeric = ALL_DIGITS_AND_DOTS.matcher(host).matches();
    if (numeric ? !IpLiterals.isAddress(host) : !DNS_NAME.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "\"" + host + "\" is neither a host name nor an IP address");
    }
    return new EndpointName(host, port(plain.group(2)));
  }

  private static int port(String digits) {
    int port = Integer.parseInt(digits);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + digits + " is not in 1 to 65535");
    }
    return port;
  }

  /** Whether {@link #host} is an address, so that no resolver is asked. */
  public boolean isLiteral() {
    return IpLiterals.isAddress(host) || IpLiterals.isIpv6WithZone(host);
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
