package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PolicyRouting.Rule;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Routing rules through rtnetlink (ip-rule(8)). A rule of ours is told from others by all that it
 * says, its priority included. Any thread.
 */
public final class NetlinkRules {
  private static final int[] FAMILIES = {Rtnetlink.AF_INET, Rtnetlink.AF_INET6};
  private static final String LOOPBACK = "lo";

  /** Holds nothing open. */
  public NetlinkRules() {}

  /** All rules of both families, in the order in which the kernel asks them. */
  public List<Rule> rules() throws PlatformException {
    List<Rule> rules = new ArrayList<>();
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      for (int family : FAMILIES) {
        NetlinkRequest request =
            NetlinkRequest.rule(Rtnetlink.RTM_GETRULE, Rtnetlink.NLM_F_DUMP, family, 0, 0);
        for (NetlinkMessage message : dump(socket, request)) {
          rule(message)
              .filter(rule -> rule.ipv6() == (family == FAMILIES[1]))
              .ifPresent(rules::add);
        }
      }
    } catch (NetlinkException refusal) {
      throw refused("cannot list the routing rules", refusal);
    }
    return rules;
  }

  /** Adds a rule; the very same one that is there already is left as it is. */
  public void add(Rule rule) throws PlatformException {
    int flags = Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL;
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      socket.ask(request(Rtnetlink.RTM_NEWRULE, flags, rule));
    } catch (NetlinkException refusal) {
      if (refusal.errno() != Errno.EEXIST) {
        throw refused("cannot add " + rule, refusal);
      }
    }
  }

  /** Removes a rule; one that is not there is no error. */
  public void remove(Rule rule) throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      socket.ask(request(Rtnetlink.RTM_DELRULE, Rtnetlink.NLM_F_ACK, rule));
    } catch (NetlinkException refusal) {
      // ENOENT: no such rule; the others: no rules of that family, so not this one either.
      if (refusal.errno() != Errno.ENOENT && !isWithoutFamily(refusal)) {
        throw refused("cannot remove " + rule, refusal);
      }
    }
  }

  /** Whether a table holds any route. */
  public boolean hasRoutes(int table) throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      socket.askStrictly();
      for (int family : FAMILIES) {
        NetlinkRequest request =
            NetlinkRequest.route(Rtnetlink.RTM_GETROUTE, Rtnetlink.NLM_F_DUMP, family, 0, 0, 0, 0)
                .put(Rtnetlink.RTA_TABLE, table);
        for (NetlinkMessage route : dump(socket, request)) {
          if (route.type() == Rtnetlink.RTM_NEWROUTE && table(route) == table) {
            return true;
          }
        }
      }
      return false;
    } catch (NetlinkException refusal) {
      throw refused("cannot look into routing table " + table, refusal);
    }
  }

  /** Whether an interface other than loopback and {@code exceptInterface} has an address. */
  public boolean isInUse(boolean ipv6, String exceptInterface) throws PlatformException {
    int family = ipv6 ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET;
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      NetlinkRequest request =
          NetlinkRequest.address(Rtnetlink.RTM_GETADDR, Rtnetlink.NLM_F_DUMP, family, 0, 0);
      for (NetlinkMessage address : dump(socket, request)) {
        // A family that the kernel lacks may be answered for with those it has.
        if (address.type() == Rtnetlink.RTM_NEWADDR
            && address.byteAt(0) == family
            && isOther(socket, address.intAt(Rtnetlink.IFADDR_INDEX), exceptInterface)) {
          return true;
        }
      }
      return false;
    } catch (NetlinkException refusal) {
      throw refused("cannot list the addresses of this machine", refusal);
    }
  }

  /** The rule that an {@code RTM_NEWRULE} tells of; empty for what does not lead to a table. */
  static Optional<Rule> rule(NetlinkMessage message) {
    int family = message.byteAt(0);
    boolean known = family == Rtnetlink.AF_INET || family == Rtnetlink.AF_INET6;
    if (message.type() != Rtnetlink.RTM_NEWRULE
        || !known
        || message.byteAt(Rtnetlink.RULE_ACTION) != Rtnetlink.FR_ACT_TO_TBL) {
      return Optional.empty();
    }
    int flags = message.intAt(Rtnetlink.RULE_FLAGS);
    return Optional.of(
        new Rule(
            family == Rtnetlink.AF_INET6,
            attribute(message, Rtnetlink.FRA_PRIORITY, 0),
            (flags & Rtnetlink.FIB_RULE_INVERT) != 0,
            attribute(message, Rtnetlink.FRA_FWMARK, 0),
            attribute(message, Rtnetlink.FRA_FWMASK, 0),
            attribute(message, Rtnetlink.FRA_TABLE, message.byteAt(Rtnetlink.ROUTE_TABLE)),
            attribute(message, Rtnetlink.FRA_SUPPRESS_PREFIXLEN, -1)));
  }

  /** The request that adds or removes a rule. */
  static NetlinkRequest request(int type, int flags, Rule rule) {
    NetlinkRequest request =
        NetlinkRequest.rule(
                type,
                flags,
                rule.ipv6() ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET,
                Rtnetlink.FR_ACT_TO_TBL,
                rule.inverted() ? Rtnetlink.FIB_RULE_INVERT : 0)
            .put(Rtnetlink.FRA_PRIORITY, rule.priority())
            .put(Rtnetlink.FRA_TABLE, rule.table());
    if (rule.mask() != 0) {
      request.put(Rtnetlink.FRA_FWMARK, rule.mark()).put(Rtnetlink.FRA_FWMASK, rule.mask());
    }
    if (rule.suppressPrefixLength() >= 0) {
      request.put(Rtnetlink.FRA_SUPPRESS_PREFIXLEN, rule.suppressPrefixLength());
    }
    return request;
  }

  /** A family that the kernel lacks has nothing to list. */
  private static List<NetlinkMessage> dump(NetlinkSocket socket, NetlinkRequest request)
      throws NetlinkException {
    try {
      return socket.ask(request);
    } catch (NetlinkException refusal) {
      // ENOENT: IPv6 has no such table.
      if (isWithoutFamily(refusal) || refusal.errno() == Errno.ENOENT) {
        return List.of();
      }
      throw refusal;
    }
  }

  private static boolean isWithoutFamily(NetlinkException refusal) {
    return refusal.errno() == Errno.EAFNOSUPPORT || refusal.errno() == Errno.EOPNOTSUPP;
  }

  private static boolean isOther(NetlinkSocket socket, int index, String exceptInterface) {
    try {
      String name = Link.byIndex(socket, index).name();
      return !name.equals(LOOPBACK) && !name.equals(exceptInterface);
    } catch (NetlinkException gone) {
      return false;
    }
  }

  private static int attribute(NetlinkMessage message, int attribute, int otherwise) {
    return message.intAttribute(Rtnetlink.RULE_BYTES, attribute).orElse(otherwise);
  }

  private static int table(NetlinkMessage route) {
    return route
        .intAttribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_TABLE)
        .orElse(route.byteAt(Rtnetlink.ROUTE_TABLE));
  }

  private static PlatformException refused(String attempt, NetlinkException refusal) {
    String advice =
        switch (refusal.errno()) {
          case Errno.EPERM -> Refusal.NEED_CAPABILITY;
          case Errno.EAFNOSUPPORT, Errno.EOPNOTSUPP ->
              "this kernel does not route by rules for that family; boot without ipv6.disable=1, or"
                  + " leave ::/0 out of allowed_ips";
          default -> "look with: ip rule show; ip -6 rule show";
        };
    return new PlatformException(attempt, String.valueOf(refusal.getMessage()), advice);
  }
}
