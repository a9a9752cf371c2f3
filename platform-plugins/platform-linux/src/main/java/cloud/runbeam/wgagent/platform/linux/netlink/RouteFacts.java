package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.HostFacts.LinkFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.RouteFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.Verdict;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Asks the kernel which way a packet goes, as {@code ip route get} does, and which prefix, table
 * and rule that came from. Any thread.
 */
public final class RouteFacts {
  /** Holds nothing open. */
  public RouteFacts() {}

  /** The route of a packet made here; see {@link cloud.runbeam.wgagent.platform.api.HostFacts}. */
  public RouteFact route(IpPrefix address, int fwmark) throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      Optional<NetlinkMessage> found =
          lookup(socket, address, fwmark, Rtnetlink.RTM_F_LOOKUP_TABLE);
      return found.isEmpty()
          ? RouteFact.of(Verdict.UNREACHABLE)
          : describe(socket, found.get(), address, fwmark);
    } catch (NetlinkException refusal) {
      return switch (refusal.errno()) {
        case Errno.ENETUNREACH,
            Errno.EHOSTUNREACH,
            Errno.ENETDOWN,
            Errno.ESRCH,
            Errno.EAFNOSUPPORT,
            Errno.EOPNOTSUPP ->
            RouteFact.of(Verdict.UNREACHABLE);
        case Errno.EACCES -> RouteFact.of(Verdict.PROHIBITED);
        case Errno.EINVAL -> RouteFact.of(Verdict.BLACKHOLE);
        default ->
            throw Refusal.of(
                "cannot look up the route to " + address.addressText(), refusal, "any");
      };
    }
  }

  private static RouteFact describe(
      NetlinkSocket socket, NetlinkMessage route, IpPrefix address, int fwmark)
      throws NetlinkException {
    Verdict verdict = verdict(route.byteAt(Rtnetlink.ROUTE_TYPE));
    OptionalInt index = route.intAttribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_OIF);
    Optional<String> device =
        index.isPresent()
            ? Optional.of(Link.byIndex(socket, index.getAsInt()).name())
            : Optional.empty();
    int family = route.byteAt(0);
    OptionalInt table = table(route);
    Optional<IpPrefix> matched = matched(socket, address, fwmark);
    Optional<String> rule =
        table.isPresent()
            ? rule(socket, family, address, fwmark, table.getAsInt(), matched)
            : Optional.empty();
    return new RouteFact(
        verdict,
        device,
        table,
        matched,
        address(route, family, Rtnetlink.RTA_GATEWAY),
        address(route, family, Rtnetlink.RTA_PREFSRC),
        route.nestedInt(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_METRICS, Rtnetlink.RTAX_MTU),
        rule);
  }

  private static Verdict verdict(int type) {
    return switch (type) {
      case Rtnetlink.RTN_UNICAST -> Verdict.UNICAST;
      case Rtnetlink.RTN_LOCAL -> Verdict.LOCAL;
      case Rtnetlink.RTN_BROADCAST, Rtnetlink.RTN_ANYCAST, Rtnetlink.RTN_MULTICAST ->
          Verdict.BROADCAST;
      case Rtnetlink.RTN_BLACKHOLE -> Verdict.BLACKHOLE;
      case Rtnetlink.RTN_UNREACHABLE -> Verdict.UNREACHABLE;
      case Rtnetlink.RTN_PROHIBIT -> Verdict.PROHIBITED;
      default -> Verdict.UNKNOWN;
    };
  }

  private static Optional<NetlinkMessage> lookup(
      NetlinkSocket socket, IpPrefix address, int fwmark, int flags) throws NetlinkException {
    NetlinkRequest request =
        NetlinkRequest.route(
                Rtnetlink.RTM_GETROUTE,
                Rtnetlink.NLM_F_ACK,
                address.ipv6() ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET,
                address.ipv6() ? 128 : 32,
                0,
                Rtnetlink.RT_SCOPE_UNIVERSE,
                0)
            .routeFlags(flags)
            .put(Rtnetlink.RTA_DST, AddressBytes.of(address));
    if (fwmark != 0) {
      request.put(Rtnetlink.RTA_MARK, fwmark);
    }
    return socket.ask(request).stream()
        .filter(message -> message.type() == Rtnetlink.RTM_NEWROUTE)
        .findFirst();
  }

  /** The prefix of the route in its table; kernels before 4.13 cannot say. */
  private static Optional<IpPrefix> matched(NetlinkSocket socket, IpPrefix address, int fwmark) {
    try {
      return lookup(socket, address, fwmark, Rtnetlink.RTM_F_FIB_MATCH).flatMap(RouteFacts::prefix);
    } catch (NetlinkException refusal) {
      return Optional.empty();
    }
  }

  private static Optional<IpPrefix> prefix(NetlinkMessage route) {
    int length = route.byteAt(Rtnetlink.ROUTE_DESTINATION_LENGTH);
    int family = route.byteAt(0);
    if (length == 0) {
      return family == Rtnetlink.AF_INET
          ? Optional.of(IpPrefix.ipv4(0, 0))
          : Optional.of(IpPrefix.ipv6(0, 0, 0));
    }
    return route
        .attribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_DST)
        .flatMap(bytes -> AddressBytes.prefix(family, bytes, length));
  }

  private static OptionalInt table(NetlinkMessage route) {
    OptionalInt wide = route.intAttribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_TABLE);
    int narrow = route.byteAt(Rtnetlink.ROUTE_TABLE);
    return wide.isPresent() || narrow == Rtnetlink.RT_TABLE_UNSPEC ? wide : OptionalInt.of(narrow);
  }

  private static Optional<String> rule(
      NetlinkSocket socket,
      int family,
      IpPrefix address,
      int fwmark,
      int table,
      Optional<IpPrefix> matched)
      throws NetlinkException {
    int length = matched.map(IpPrefix::length).orElse(128);
    return rules(socket, family).stream()
        .filter(rule -> rule.leadsTo(address, fwmark, table, length))
        .map(RoutingRule::toString)
        .findFirst();
  }

  /** All rules of a family, in the order in which the kernel tries them. */
  private static List<RoutingRule> rules(NetlinkSocket socket, int family) throws NetlinkException {
    return socket
        .ask(NetlinkRequest.rule(Rtnetlink.RTM_GETRULE, Rtnetlink.NLM_F_DUMP, family, 0, 0))
        .stream()
        .filter(message -> message.type() == Rtnetlink.RTM_NEWRULE)
        .map(RoutingRule::of)
        .toList();
  }

  private static Optional<String> address(NetlinkMessage route, int family, int attribute) {
    return route
        .attribute(Rtnetlink.ROUTE_BYTES, attribute)
        .flatMap(
            bytes -> AddressBytes.prefix(family, bytes, family == Rtnetlink.AF_INET ? 32 : 128))
        .map(IpPrefix::addressText);
  }

  /** The interface of that name, if there is one. */
  public Optional<LinkFact> link(String interfaceName) throws PlatformException {
    NetlinkInterfaces interfaces = new NetlinkInterfaces();
    if (!interfaces.exists(interfaceName)) {
      return Optional.empty();
    }
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      List<NetlinkMessage> answer =
          socket.ask(
              NetlinkRequest.link(Rtnetlink.RTM_GETLINK, Rtnetlink.NLM_F_ACK, 0)
                  .put(Rtnetlink.IFLA_IFNAME, interfaceName));
      for (NetlinkMessage message : answer) {
        Optional<Link> link = Link.of(message);
        if (link.isPresent()) {
          boolean running = (message.intAt(Rtnetlink.IFINFO_FLAGS) & Rtnetlink.IFF_RUNNING) != 0;
          return Optional.of(
              new LinkFact(
                  link.get().name(),
                  link.get().up(),
                  running,
                  link.get().mtuBytes(),
                  interfaces.addresses(interfaceName)));
        }
      }
      return Optional.empty();
    } catch (NetlinkException refusal) {
      if (refusal.errno() == Errno.ENODEV) {
        return Optional.empty();
      }
      throw Refusal.of("cannot look at interface " + interfaceName, refusal, interfaceName);
    }
  }
}
