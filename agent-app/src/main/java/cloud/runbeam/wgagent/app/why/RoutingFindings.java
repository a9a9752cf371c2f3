package cloud.runbeam.wgagent.app.why;

import cloud.runbeam.wgagent.app.host.HostStatus;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.HostFacts.LinkFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.RouteFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.Verdict;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Rule, route and device: whether the system gives the packet to the tunnel. */
final class RoutingFindings {
  /** Numbers that have names (rtnetlink.h). */
  private static final int MAIN_TABLE = 254;

  private final HostFacts facts;

  RoutingFindings(HostFacts facts) {
    this.facts = facts;
  }

  List<Finding> find(IpPrefix address, RouteFact route, NetworkStatus status) {
    return List.of(rule(route, status), route(address, route, status), device(address, status));
  }

  private static boolean leadsIn(RouteFact route, NetworkStatus status) {
    return route.verdict() == Verdict.UNICAST
        && route.device().filter(status.interfaceName()::equals).isPresent();
  }

  private static Finding rule(RouteFact route, NetworkStatus status) {
    // Where we made a default route of our own, we also made the rules.
    OptionalInt made = status.host().map(HostStatus::table).orElse(OptionalInt.empty());
    OptionalInt wanted = made.isPresent() ? made : status.config().table();
    boolean missed =
        wanted.isPresent()
            && wanted.getAsInt() != MAIN_TABLE
            && !leadsIn(route, status)
            && route.table().orElse(MAIN_TABLE) != wanted.getAsInt();
    String found = route.rule().map(rule -> "rule " + rule).orElse("no rule can be told");
    if (missed && status.state() == TunnelState.ACTIVE) {
      return Finding.broken(
          ChainLink.RULE,
          "the network's routes are in table "
              + wanted.getAsInt()
              + ", but no rule sends the packet there ("
              + found
              + ")",
          made.isPresent()
              ? "somebody removed it; look with: ip rule, and put it back with: wg-agent disconnect"
                  + " "
                  + status.name()
                  + " and connect"
              : "add one: ip rule add table " + wanted.getAsInt() + ", or leave table out");
    }
    return route.rule().isPresent() || leadsIn(route, status)
        ? Finding.ok(ChainLink.RULE, found)
        : Finding.unknown(ChainLink.RULE, found, "look with: ip rule");
  }

  private static Finding route(IpPrefix address, RouteFact route, NetworkStatus status) {
    String to = address.addressText();
    String way = describe(route);
    if (leadsIn(route, status)) {
      return Finding.ok(ChainLink.ROUTE, way);
    }
    return switch (route.verdict()) {
      case UNKNOWN -> Finding.unknown(ChainLink.ROUTE, way, "look with: ip route get " + to);
      case LOCAL ->
          Finding.broken(
              ChainLink.ROUTE,
              to + " is an address of this machine",
              "ask about an address on the other side");
      case PROHIBITED, BLACKHOLE ->
          Finding.broken(
              ChainLink.ROUTE,
              way,
              "somebody on this machine forbids it; look with: ip route show table all, ip rule");
      case UNICAST, BROADCAST, UNREACHABLE ->
          Finding.broken(ChainLink.ROUTE, way, missingRoute(address, status));
    };
  }

  /** Why there is no route into the tunnel, from what the network was told to do. */
  private static String missingRoute(IpPrefix address, NetworkStatus status) {
    String to = address.addressText();
    if (status.state() != TunnelState.ACTIVE) {
      return "the network is " + status.state().code() + ": wg-agent connect " + status.name();
    }
    if (PeerFindings.matchLength(address, status) < 0) {
      return "add " + to + " to the allowed_ips of a peer of network " + status.name();
    }
    if (!status.config().routes()) {
      return "routes or table is \"off\" for network "
          + status.name()
          + ": ip route add "
          + to
          + " dev "
          + status.interfaceName();
    }
    return "somebody removed the route or has a better one; look with: ip route show "
        + to
        + " table all, and put it back with: wg-agent reload "
        + status.name();
  }

  static String describe(RouteFact route) {
    return switch (route.verdict()) {
      case UNICAST, BROADCAST, LOCAL -> {
        StringBuilder text = new StringBuilder("leaves by ");
        text.append(route.device().orElse("an unknown interface"));
        route.gateway().ifPresent(gateway -> text.append(" via ").append(gateway));
        route.matched().ifPresent(prefix -> text.append(", route ").append(prefix));
        if (route.table().isPresent()) {
          text.append(", table ").append(tableName(route.table().getAsInt()));
        }
        route.source().ifPresent(source -> text.append(", source ").append(source));
        yield text.toString();
      }
      case UNREACHABLE -> "there is no route";
      case PROHIBITED -> "a route or rule prohibits it";
      case BLACKHOLE -> "a route or rule swallows it (blackhole)";
      case UNKNOWN -> "the system does not tell the route";
    };
  }

  private static String tableName(int table) {
    return switch (table) {
      case 253 -> "default";
      case MAIN_TABLE -> "main";
      case 255 -> "local";
      default -> Integer.toString(table);
    };
  }

  private Finding device(IpPrefix address, NetworkStatus status) {
    String name = status.interfaceName();
    if (status.state() == TunnelState.ERROR) {
      return Finding.broken(
          ChainLink.DEVICE,
          "network " + status.name() + " failed: " + status.failure().orElse("for no known reason"),
          "mend that, then: wg-agent connect " + status.name());
    }
    if (status.state() != TunnelState.ACTIVE) {
      return Finding.broken(
          ChainLink.DEVICE,
          "network " + status.name() + " is " + status.state().code(),
          "wg-agent connect " + status.name());
    }
    Optional<LinkFact> link;
    try {
      link = facts.link(name);
    } catch (PlatformException refused) {
      return Finding.unknown(ChainLink.DEVICE, refused.action(), refused.advice());
    }
    if (link.isEmpty()) {
      return Finding.broken(
          ChainLink.DEVICE,
          "there is no interface " + name + " in this network namespace",
          "see whether it was deleted or moved; wg-agent connect " + status.name());
    }
    return device(address, status, link.get());
  }

  private static Finding device(IpPrefix address, NetworkStatus status, LinkFact link) {
    String name = link.name();
    Optional<String> problem = status.device().flatMap(device -> device.problem());
    if (!link.up()) {
      return Finding.broken(ChainLink.DEVICE, name + " is down", "ip link set " + name + " up");
    }
    if (problem.isPresent()) {
      return Finding.broken(ChainLink.DEVICE, problem.get(), "");
    }
    if (!link.carrier()) {
      return Finding.broken(
          ChainLink.DEVICE,
          name + " is up, but nobody reads its packets",
          "wg-agent disconnect " + status.name() + ", then connect; please report it");
    }
    String fact = name + " is up, MTU " + link.mtuBytes();
    boolean hasFamily = link.addresses().stream().anyMatch(own -> own.ipv6() == address.ipv6());
    return hasFamily
        ? Finding.ok(ChainLink.DEVICE, fact)
        : Finding.unknown(
            ChainLink.DEVICE,
            fact + ", without any " + (address.ipv6() ? "IPv6" : "IPv4") + " address",
            "packets carry the address of another interface then, which the peer must allow; add"
                + " one to address");
  }
}
