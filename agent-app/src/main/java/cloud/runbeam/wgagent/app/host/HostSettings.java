package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.OptionalInt;

/**
 * What one network wants of this machine.
 *
 * @param network the network's name
 * @param interfaceName its interface
 * @param mtuBytes MTU of the interface
 * @param addresses of the interface, host bits kept
 * @param routes what is to be routed to the interface: the peers' allowed IPs, or nothing where the
 *     network makes no routes
 * @param table routing table for the routes; empty: the main table, and one of our own with rules
 *     for {@code 0.0.0.0/0} and {@code ::/0}
 * @param fwmark the configured mark of outer packets, 0 for none; {@link HostNetwork#fwmark} says
 *     which one to use
 * @param dns servers inside the tunnel, in text
 * @param dnsSearch domains that go to these servers
 * @param killSwitch whether nothing may leave outside the tunnel
 * @param allowLan whether the local network stays reachable despite the kill switch
 * @param endpoints outer addresses of the peers, as far as they are known
 */
public record HostSettings(
    String network,
    String interfaceName,
    int mtuBytes,
    List<IpPrefix> addresses,
    List<IpPrefix> routes,
    OptionalInt table,
    int fwmark,
    List<String> dns,
    List<String> dnsSearch,
    boolean killSwitch,
    boolean allowLan,
    List<Endpoint> endpoints) {

  /** Copies the lists. */
  public HostSettings {
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
    dns = List.copyOf(dns);
    dnsSearch = List.copyOf(dnsSearch);
    endpoints = List.copyOf(endpoints);
  }

  /** Whether everything of a family is to go through the tunnel, by rules of our own. */
  boolean takesDefaultRoute() {
    return table.isEmpty() && routes.stream().anyMatch(route -> route.length() == 0);
  }
}
