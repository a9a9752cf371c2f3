package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.util.List;
import java.util.OptionalInt;

/**
 * Routes through rtnetlink. A route of ours carries {@code RTPROT_STATIC}, and only such are
 * removed: the kernel's own route of an interface's address may have the same prefix.
 *
 * <p>A prefix that is routed elsewhere already is not taken from there: replacing, as {@code ip
 * route replace} does, would take away another program's route for good. Any thread.
 */
public final class NetlinkRoutes implements RouteTable {
  /** Holds nothing open. */
  public NetlinkRoutes() {}

  @Override
  public void add(String interfaceName, IpPrefix prefix, int table) throws PlatformException {
    String attempt =
        "cannot route " + prefix.network() + " to " + interfaceName + " in table " + table;
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      int index = Link.byName(socket, interfaceName).index();
      int flags = Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL;
      try {
        socket.ask(request(Rtnetlink.RTM_NEWROUTE, flags, index, prefix, table));
      } catch (NetlinkException refusal) {
        if (refusal.errno() != Errno.EEXIST) {
          throw refusal;
        }
        requireOurs(socket, attempt, index, prefix, table);
      }
    } catch (NetlinkException refusal) {
      throw Refusal.of(attempt, refusal, interfaceName);
    }
  }

  @Override
  public void remove(String interfaceName, IpPrefix prefix, int table) throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      int index = Link.byName(socket, interfaceName).index();
      socket.ask(request(Rtnetlink.RTM_DELROUTE, Rtnetlink.NLM_F_ACK, index, prefix, table));
    } catch (NetlinkException refusal) {
      // ESRCH: no such route; ENODEV: the interface is gone and its routes with it.
      if (refusal.errno() != Errno.ESRCH && refusal.errno() != Errno.ENODEV) {
        throw Refusal.of(
            "cannot remove the route of "
                + prefix.network()
                + " to "
                + interfaceName
                + " from table "
                + table,
            refusal,
            interfaceName);
      }
    }
  }

  @Override
  public OptionalInt pathMtu(Endpoint endpoint) throws PlatformException {
    return pathMtu(endpoint, 0);
  }

  @Override
  public OptionalInt pathMtu(Endpoint endpoint, int mark) throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      NetlinkRequest request = lookup(endpoint);
      if (mark != 0) {
        request.put(Rtnetlink.RTA_MARK, mark);
      }
      if (endpoint.scopeId() != 0) {
        request.put(Rtnetlink.RTA_OIF, endpoint.scopeId());
      }
      for (NetlinkMessage route : socket.ask(request)) {
        OptionalInt mtuBytes =
            route.nestedInt(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_METRICS, Rtnetlink.RTAX_MTU);
        if (mtuBytes.isPresent()) {
          return mtuBytes;
        }
        OptionalInt index = route.intAttribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_OIF);
        if (index.isPresent()) {
          return OptionalInt.of(Link.byIndex(socket, index.getAsInt()).mtuBytes());
        }
      }
      return OptionalInt.empty();
    } catch (NetlinkException refusal) {
      return switch (refusal.errno()) {
        case Errno.ENETUNREACH,
            Errno.EHOSTUNREACH,
            Errno.ENETDOWN,
            Errno.EACCES,
            Errno.ESRCH,
            Errno.EAFNOSUPPORT,
            Errno.EOPNOTSUPP ->
            OptionalInt.empty();
        default -> throw Refusal.of("cannot look up the route to " + endpoint, refusal, "any");
      };
    }
  }

  @Override
  public boolean setMtu(String interfaceName, IpPrefix prefix, int table, int mtuBytes)
      throws PlatformException {
    IpPrefix network = prefix.network();
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      int index = Link.byName(socket, interfaceName).index();
      boolean ours =
          routes(socket, network, table).stream()
              .anyMatch(route ->
                  oif(route) == index
                      && route.byteAt(Rtnetlink.ROUTE_TABLE + 1) == Rtnetlink.RTPROT_STATIC);
      if (!ours) {
        return false;
      }
      int flags = Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_REPLACE;
      NetlinkRequest request = request(Rtnetlink.RTM_NEWROUTE, flags, index, network, table);
      if (mtuBytes != 0) {
        request.putNested(Rtnetlink.RTA_METRICS, Rtnetlink.RTAX_MTU, mtuBytes);
      }
      socket.ask(request);
      return true;
    } catch (NetlinkException refusal) {
      throw Refusal.of(
          "cannot set the MTU of the route of " + network + " to " + mtuBytes,
          refusal,
          interfaceName);
    }
  }

  /** A question for the route to {@code endpoint}'s remote address. */
  static NetlinkRequest lookup(Endpoint endpoint) {
    boolean ipv4 = endpoint.isIpv4();
    return NetlinkRequest.route(
            Rtnetlink.RTM_GETROUTE,
            Rtnetlink.NLM_F_ACK,
            ipv4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6,
            ipv4 ? 32 : 128,
            0,
            Rtnetlink.RT_SCOPE_UNIVERSE,
            0)
        .put(Rtnetlink.RTA_DST, AddressBytes.remoteOf(endpoint));
  }

  private static NetlinkRequest request(
      int type, int flags, int index, IpPrefix prefix, int table) {
    IpPrefix network = prefix.network();
    // A route without a gateway: its destinations are on the link (RTNETLINK(7), rtm_scope).
    int scope = network.ipv6() ? Rtnetlink.RT_SCOPE_UNIVERSE : Rtnetlink.RT_SCOPE_LINK;
    return NetlinkRequest.route(
            type,
            flags,
            network.ipv6() ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET,
            network.length(),
            Rtnetlink.RTPROT_STATIC,
            scope,
            Rtnetlink.RTN_UNICAST)
        .put(Rtnetlink.RTA_DST, AddressBytes.of(network))
        .put(Rtnetlink.RTA_TABLE, table)
        .put(Rtnetlink.RTA_OIF, index);
  }

  /** The prefix has a route in the table; it is well if one leads to the interface. */
  private static void requireOurs(
      NetlinkSocket socket, String attempt, int index, IpPrefix prefix, int table)
      throws PlatformException, NetlinkException {
    List<NetlinkMessage> routes = routes(socket, prefix.network(), table);
    if (routes.stream().noneMatch(route -> oif(route) == index)) {
      String other = routes.isEmpty() ? "elsewhere" : nameOf(socket, oif(routes.getFirst()));
      throw new PlatformException(
          attempt,
          "rtnetlink: " + Errno.describe(Errno.EEXIST) + ": it is routed to " + other,
          "take that route away, choose another prefix, or give the network a table of its own");
    }
  }

  /** The routes of that very prefix in a table. */
  private static List<NetlinkMessage> routes(NetlinkSocket socket, IpPrefix network, int table)
      throws NetlinkException {
    int family = network.ipv6() ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET;
    return socket
        .ask(
            NetlinkRequest.route(Rtnetlink.RTM_GETROUTE, Rtnetlink.NLM_F_DUMP, family, 0, 0, 0, 0)
                .put(Rtnetlink.RTA_TABLE, table))
        .stream()
        .filter(message -> message.type() == Rtnetlink.RTM_NEWROUTE)
        .filter(message -> isFor(message, network, table))
        .toList();
  }

  private static boolean isFor(NetlinkMessage route, IpPrefix network, int table) {
    int length = route.byteAt(Rtnetlink.ROUTE_DESTINATION_LENGTH);
    OptionalInt inTable = route.intAttribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_TABLE);
    if (length != network.length() || inTable.orElse(-1) != table) {
      return false;
    }
    // A default route carries no destination.
    return route
        .attribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_DST)
        .flatMap(bytes -> AddressBytes.prefix(route.byteAt(0), bytes, length))
        .map(network::equals)
        .orElse(length == 0);
  }

  private static int oif(NetlinkMessage route) {
    return route.intAttribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_OIF).orElse(0);
  }

  private static String nameOf(NetlinkSocket socket, int index) {
    try {
      return Link.byIndex(socket, index).name();
    } catch (NetlinkException gone) {
      return "interface " + index;
    }
  }
}
