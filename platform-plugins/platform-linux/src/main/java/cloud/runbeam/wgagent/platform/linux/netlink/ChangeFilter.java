package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.api.NetworkChange;
import cloud.runbeam.wgagent.platform.api.NetworkChange.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells real changes from what the kernel repeats: statistics of links, lifetimes of addresses and
 * routes that every router advertisement renews, routes that follow from addresses. Remembers
 * links, addresses and some routes for that. One thread's.
 */
final class ChangeFilter {
  private static final int AF_BRIDGE = 7;

  /** Enough for a host; on a router with more, repeated routes count as changes now and then. */
  private static final int MAX_ROUTES = 4_096;

  private static final int USABILITY =
      Rtnetlink.IFA_F_TENTATIVE | Rtnetlink.IFA_F_DADFAILED | Rtnetlink.IFA_F_DEPRECATED;

  /** What tells one route from another and says where it leads. */
  private static final int[] ROUTE_ATTRIBUTES = {
    Rtnetlink.RTA_DST,
    Rtnetlink.RTA_OIF,
    Rtnetlink.RTA_GATEWAY,
    Rtnetlink.RTA_PRIORITY,
    Rtnetlink.RTA_PREFSRC,
    Rtnetlink.RTA_METRICS,
    Rtnetlink.RTA_MULTIPATH,
    Rtnetlink.RTA_TABLE,
    Rtnetlink.RTA_VIA
  };

  private final Map<Integer, LinkState> links = new HashMap<>();
  private final Map<ByteBuffer, Integer> addresses = new HashMap<>();
  private final Set<ByteBuffer> routes = new HashSet<>();
  private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
  private final Set<String> interfaces = new LinkedHashSet<>();

  /** Takes one message, an event or an answer to a dump. */
  void read(NetlinkMessage message) {
    switch (message.type()) {
      case Rtnetlink.RTM_NEWLINK, Rtnetlink.RTM_DELLINK -> readLink(message);
      case Rtnetlink.RTM_NEWADDR, Rtnetlink.RTM_DELADDR -> readAddress(message);
      case Rtnetlink.RTM_NEWROUTE, Rtnetlink.RTM_DELROUTE -> readRoute(message);
      case Rtnetlink.RTM_NEWRULE, Rtnetlink.RTM_DELRULE -> kinds.add(Kind.RULE);
      default -> {}
    }
  }

  /** Something happened that no message told. */
  void note(Kind kind) {
    kinds.add(kind);
  }

  /** What has changed since the last call, if anything has. */
  Optional<NetworkChange> take() {
    if (kinds.isEmpty()) {
      return Optional.empty();
    }
    NetworkChange change = new NetworkChange(kinds, interfaces);
    forget();
    return Optional.of(change);
  }

  /** What was read since the last call is how things are, not a change. */
  void forget() {
    kinds.clear();
    interfaces.clear();
  }

  private void readLink(NetlinkMessage message) {
    if (message.byteAt(0) == AF_BRIDGE) {
      // A port joined or left a bridge.
      return;
    }
    int index = message.intAt(Rtnetlink.IFINFO_INDEX);
    LinkState before = links.get(index);
    if (message.type() == Rtnetlink.RTM_DELLINK) {
      if (before != null) {
        changed(Kind.LINK, index);
        links.remove(index);
      }
      return;
    }
    Optional<Link> link = Link.of(message);
    if (link.isEmpty()) {
      return;
    }
    boolean running = (message.intAt(Rtnetlink.IFINFO_FLAGS) & Rtnetlink.IFF_RUNNING) != 0;
    LinkState now = new LinkState(link.get(), running);
    if (!now.equals(before)) {
      links.put(index, now);
      changed(Kind.LINK, index);
    }
  }

  private void readAddress(NetlinkMessage message) {
    Optional<byte[]> address =
        message
            .attribute(Rtnetlink.IFADDR_BYTES, Rtnetlink.IFA_LOCAL)
            .or(() -> message.attribute(Rtnetlink.IFADDR_BYTES, Rtnetlink.IFA_ADDRESS));
    if (address.isEmpty()) {
      return;
    }
    int index = message.intAt(Rtnetlink.IFADDR_INDEX);
    ByteBuffer key =
        ByteBuffer.allocate(Integer.BYTES + 2 + address.get().length)
            .putInt(index)
            .put((byte) message.byteAt(0))
            .put((byte) message.byteAt(Rtnetlink.IFADDR_PREFIX_LENGTH))
            .put(address.get())
            .flip();
    int flags =
        message
            .intAttribute(Rtnetlink.IFADDR_BYTES, Rtnetlink.IFA_FLAGS)
            .orElse(message.byteAt(Rtnetlink.IFADDR_FLAGS));
    Integer now = message.type() == Rtnetlink.RTM_NEWADDR ? flags & USABILITY : null;
    Integer before = now == null ? addresses.remove(key) : addresses.put(key, now);
    if (now == null || !now.equals(before)) {
      changed(Kind.ADDRESS, index);
    }
  }

  private void readRoute(NetlinkMessage message) {
    int type = message.byteAt(Rtnetlink.ROUTE_TYPE);
    boolean followsFromAddress = type >= Rtnetlink.RTN_LOCAL && type <= Rtnetlink.RTN_MULTICAST;
    boolean cached = (message.intAt(Rtnetlink.ROUTE_FLAGS) & Rtnetlink.RTM_F_CLONED) != 0;
    if (followsFromAddress || cached) {
      return;
    }
    ByteBuffer key = routeKey(message);
    boolean isNews;
    if (message.type() == Rtnetlink.RTM_NEWROUTE) {
      if (routes.size() >= MAX_ROUTES) {
        routes.clear();
      }
      isNews = routes.add(key);
    } else {
      routes.remove(key);
      isNews = true;
    }
    if (isNews) {
      changed(Kind.ROUTE, message.intAttribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_OIF).orElse(0));
    }
  }

  private static ByteBuffer routeKey(NetlinkMessage message) {
    byte[][] values = new byte[ROUTE_ATTRIBUTES.length][];
    int bytes = Long.BYTES;
    for (int i = 0; i < values.length; i++) {
      values[i] = message.attribute(Rtnetlink.ROUTE_BYTES, ROUTE_ATTRIBUTES[i]).orElse(new byte[0]);
      bytes += Short.BYTES + values[i].length;
    }
    // Family, lengths, type of service; table, protocol, scope, type. Flags change by themselves.
    ByteBuffer key =
        ByteBuffer.allocate(bytes)
            .order(ByteOrder.nativeOrder())
            .putInt(message.intAt(0))
            .putInt(message.intAt(Rtnetlink.ROUTE_TABLE));
    for (byte[] value : values) {
      key.putShort((short) value.length).put(value);
    }
    return key.flip();
  }

  private void changed(Kind kind, int index) {
    kinds.add(kind);
    LinkState link = links.get(index);
    interfaces.add(link == null ? "#" + index : link.link().name());
  }

  /** What of a link matters. */
  private record LinkState(Link link, boolean running) {}
}
