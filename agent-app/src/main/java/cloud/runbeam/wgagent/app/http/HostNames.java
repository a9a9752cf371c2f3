package cloud.runbeam.wgagent.app.http;

import cloud.runbeam.wgagent.engine.io.IpLiteral;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Under which names this machine may be called over HTTP. A page of somebody else can point a name
 * of its own at our address and have its visitors' browsers ask us (DNS rebinding); their requests
 * bear that name. Addresses and {@code localhost} cannot be rebound.
 *
 * <pre>
 *   http.allowed_hosts   loopback address        any other address
 *   none                 addresses, localhost    every name
 *   some                 addresses, localhost, these names
 * </pre>
 */
public final class HostNames {
  private static final String LOCALHOST = "localhost";

  private final boolean everyName;
  private final Set<String> names;

  private HostNames(boolean everyName, Set<String> names) {
    this.everyName = everyName;
    this.names = names;
  }

  /**
   * The rule for a server.
   *
   * @param bindAddress where it listens: an IP address
   * @param allowed names besides addresses and {@code localhost}
   */
  public static HostNames of(String bindAddress, List<String> allowed) {
    return new HostNames(
        allowed.isEmpty() && !isLoopback(bindAddress),
        allowed.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whether a request with this {@code Host} header (name or address, perhaps a port) may pass. */
  boolean admits(String hostHeader) {
    String host = withoutPort(hostHeader).toLowerCase(Locale.ROOT);
    return everyName || host.equals(LOCALHOST) || names.contains(host) || isAddress(host);
  }

  private static String withoutPort(String header) {
    if (header.startsWith("[")) {
      int end = header.indexOf(']');
      return end < 0 ? header : header.substring(1, end);
    }
    int colon = header.indexOf(':');
    return colon < 0 ? header : header.substring(0, colon);
  }

  private static boolean isAddress(String host) {
    try {
      IpLiteral.parse(host);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static boolean isLoopback(String address) {
    return address.startsWith("127.") || address.equals("::1") || address.endsWith(":0:1");
  }
}
