package cloud.runbeam.wgagent.app.why;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A machine whose tunnel works until the test breaks something. */
final class FakeFacts implements HostFacts {
  private final Map<String, RouteFact> routes = new HashMap<>();
  Optional<LinkFact> link =
      Optional.of(new LinkFact("wg0", true, true, 1420, List.of(IpPrefix.parse("10.42.0.2/24"))));
  FirewallFact firewall = new FirewallFact(true, false, List.of(), Optional.empty());
  List<String> nameServers = List.of("192.0.2.53");
  boolean refusing;

  FakeFacts() {
    route("10.42.7.7", through("wg0", 254));
    route("192.0.2.1", through("eth0", 254));
  }

  /** From now on packets there take that route. */
  FakeFacts route(String address, RouteFact route) {
    routes.put(address, route);
    return this;
  }

  static RouteFact through(String device, int table) {
    return new RouteFact(
        Verdict.UNICAST,
        Optional.of(device),
        OptionalInt.of(table),
        Optional.of(IpPrefix.parse("10.42.0.0/16")),
        Optional.empty(),
        Optional.of("10.42.0.2"),
        OptionalInt.empty(),
        Optional.of("32766: from all lookup main"));
  }

  @Override
  public RouteFact route(IpPrefix address, int fwmark) throws PlatformException {
    if (refusing) {
      throw new PlatformException("cannot look up the route", "EPERM", "run as root");
    }
    return routes.getOrDefault(address.addressText(), RouteFact.of(Verdict.UNREACHABLE));
  }

  @Override
  public Optional<LinkFact> link(String interfaceName) {
    return link.filter(found -> found.name().equals(interfaceName));
  }

  @Override
  public FirewallFact firewall() {
    return firewall;
  }

  @Override
  public List<String> nameServers() {
    return nameServers;
  }
}
