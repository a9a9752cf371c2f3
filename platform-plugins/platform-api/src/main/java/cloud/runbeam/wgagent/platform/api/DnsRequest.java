package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a network wants of the system's name resolution.
 *
 * <p>Without domains, everything is asked of the servers, as {@code wg-quick} has it. With domains,
 * these servers are asked about them and what is below them only (split DNS), where the backend can
 * do that.
 *
 * @param interfaceName the tunnel's interface, which exists when the request is applied; 1 to 15
 *     characters of {@code [A-Za-z0-9_=+.-]}, not beginning with {@code -}
 * @param servers addresses without a zone, at least one
 * @param searchDomains domain names without a trailing dot, at most {@value #MAX_DOMAINS}; may be
 *     empty
 */
public record DnsRequest(String interfaceName, List<String> servers, List<String> searchDomains) {
  /** As many search domains as systemd-resolved takes for a link (LINK_SEARCH_DOMAINS_MAX). */
  public static final int MAX_DOMAINS = 256;

  private static final int MAX_SERVERS = 32;
  private static final Pattern INTERFACE = Pattern.compile("(?!-|\\.{1,2}$)[A-Za-z0-9_=+.-]{1,15}");
  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");
  private static final int MAX_DOMAIN_CHARACTERS = 253;

  /**
   * Checks everything, since it may end up in a file and on a command line.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public DnsRequest {
    servers = List.copyOf(servers);
    searchDomains = List.copyOf(searchDomains);
    if (!INTERFACE.matcher(interfaceName).matches()) {
      throw new IllegalArgumentException("not an interface name");
    }
    if (servers.isEmpty() || servers.size() > MAX_SERVERS) {
      throw new IllegalArgumentException("between 1 and " + MAX_SERVERS + " servers are needed");
    }
    if (searchDomains.size() > MAX_DOMAINS) {
      throw new IllegalArgumentException("at most " + MAX_DOMAINS + " search domains are possible");
    }
    servers.forEach(DnsRequest::requireAddress);
    searchDomains.forEach(DnsRequest::requireDomain);
  }

  /** Whether only some domains are meant. */
  public boolean isSplit() {
    return !searchDomains.isEmpty();
  }

  private static void requireAddress(String server) {
    if (server.indexOf('/') >= 0) {
      throw new IllegalArgumentException("a server is an address without prefix length");
    }
    // Throws what is wrong with it.
    IpPrefix.parse(server);
  }

  private static void requireDomain(String domain) {
    boolean right = !domain.isEmpty() && domain.length() <= MAX_DOMAIN_CHARACTERS;
    if (right) {
      for (String label : domain.split("\\.", -1)) {
        right &= LABEL.matcher(label).matches();
      }
    }
    if (!right) {
      throw new IllegalArgumentException("not a domain name");
    }
  }
}
