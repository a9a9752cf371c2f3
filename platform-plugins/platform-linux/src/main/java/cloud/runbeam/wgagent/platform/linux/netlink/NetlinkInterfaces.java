package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Addresses, MTU and state of interfaces, through rtnetlink. Any thread. */
public final class NetlinkInterfaces implements InterfaceSetup {
  private static final int LONGEST_NAME = 15;
  // fe80::/10, RFC 4291 section 2.5.6.
  private static final long LINK_LOCAL = 0xFE80L << 48;
  private static final long LINK_LOCAL_MASK = 0xFFC0L << 48;

  /** Holds nothing open. */
  public NetlinkInterfaces() {}

  @Override
  public boolean exists(String interfaceName) throws PlatformException {
    return index(interfaceName).isPresent();
  }

  @Override
  public OptionalInt index(String interfaceName) throws PlatformException {
    if (interfaceName.isEmpty() || interfaceName.length() > LONGEST_NAME) {
      return OptionalInt.empty();
    }
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      return OptionalInt.of(Link.byName(socket, interfaceName).index());
    } catch (NetlinkException refusal) {
      if (refusal.errno() == Errno.ENODEV) {
        return OptionalInt.empty();
      }
      throw Refusal.of("cannot look for interface " + interfaceName, refusal, interfaceName);
    }
  }

  @Override
  public void addAddress(String interfaceName, IpPrefix address) throws PlatformException {
    String attempt = "cannot add address " + address + " to " + interfaceName;
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      int index = Link.byName(socket, interfaceName).index();
      int flags = Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL;
      NetlinkRequest request = request(Rtnetlink.RTM_NEWADDR, flags, index, address);
      if (address.ipv6()) {
        // Nobody else can be on a layer 3 tunnel to own a duplicate; without this flag the address
        // may stay unusable for a second.
        request.put(Rtnetlink.IFA_FLAGS, Rtnetlink.IFA_F_NODAD);
      }
      try {
        socket.ask(request);
      } catch (NetlinkException refusal) {
        if (refusal.errno() != Errno.EEXIST) {
          throw refusal;
        }
        // An IPv6 address exists once per interface, whatever its prefix length.
        if (!addresses(socket, index).contains(address)) {
          throw new PlatformException(
              attempt,
              "rtnetlink: " + Errno.describe(Errno.EEXIST),
              "the address is there with another prefix length; remove that one first: ip address"
                  + " show dev "
                  + interfaceName);
        }
      }
    } catch (NetlinkException refusal) {
      throw Refusal.of(attempt, refusal, interfaceName);
    }
  }

  @Override
  public void removeAddress(String interfaceName, IpPrefix address) throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      int index = Link.byName(socket, interfaceName).index();
      socket.ask(request(Rtnetlink.RTM_DELADDR, Rtnetlink.NLM_F_ACK, index, address));
    } catch (NetlinkException refusal) {
      if (refusal.errno() != Errno.EADDRNOTAVAIL) {
        throw Refusal.of(
            "cannot remove address " + address + " from " + interfaceName, refusal, interfaceName);
      }
    }
  }

  @Override
  public List<IpPrefix> addresses(String interfaceName) throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      return addresses(socket, Link.byName(socket, interfaceName).index());
    } catch (NetlinkException refusal) {
      throw Refusal.of("cannot list the addresses of " + interfaceName, refusal, interfaceName);
    }
  }

  @Override
  public void setMtu(String interfaceName, int mtuBytes) throws PlatformException {
    change(
        interfaceName,
        "cannot set the MTU of " + interfaceName + " to " + mtuBytes,
        index ->
            NetlinkRequest.link(Rtnetlink.RTM_NEWLINK, Rtnetlink.NLM_F_ACK, index)
                .put(Rtnetlink.IFLA_MTU, mtuBytes));
  }

  @Override
  public void setUp(String interfaceName, boolean up) throws PlatformException {
    change(
        interfaceName,
        "cannot set " + interfaceName + (up ? " up" : " down"),
        index ->
            NetlinkRequest.link(Rtnetlink.RTM_NEWLINK, Rtnetlink.NLM_F_ACK, index)
                .linkFlags(up ? Rtnetlink.IFF_UP : 0, Rtnetlink.IFF_UP));
  }

  private static void change(String interfaceName, String attempt, LinkChange change)
      throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      socket.ask(change.request(Link.byName(socket, interfaceName).index()));
    } catch (NetlinkException refusal) {
      throw Refusal.of(attempt, refusal, interfaceName);
    }
  }

  private static NetlinkRequest request(int type, int flags, int index, IpPrefix address) {
    int family = address.ipv6() ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET;
    byte[] bytes = AddressBytes.of(address);
    return NetlinkRequest.address(type, flags, family, address.length(), index)
        .put(Rtnetlink.IFA_LOCAL, bytes)
        .put(Rtnetlink.IFA_ADDRESS, bytes);
  }

  private static List<IpPrefix> addresses(NetlinkSocket socket, int index) throws NetlinkException {
    return socket
        .ask(
            NetlinkRequest.address(
                Rtnetlink.RTM_GETADDR, Rtnetlink.NLM_F_DUMP, Rtnetlink.AF_UNSPEC, 0, 0))
        .stream()
        .filter(message -> message.type() == Rtnetlink.RTM_NEWADDR)
        .filter(message -> message.intAt(Rtnetlink.IFADDR_INDEX) == index)
        .map(NetlinkInterfaces::address)
        .flatMap(Optional::stream)
        .filter(address -> !isLinkLocal(address))
        .toList();
  }

  private static Optional<IpPrefix> address(NetlinkMessage message) {
    // IFA_LOCAL is ours where the link has two ends; IPv6 without a far end has IFA_ADDRESS only.
    return message
        .attribute(Rtnetlink.IFADDR_BYTES, Rtnetlink.IFA_LOCAL)
        .or(() -> message.attribute(Rtnetlink.IFADDR_BYTES, Rtnetlink.IFA_ADDRESS))
        .flatMap(bytes ->
            AddressBytes.prefix(
                message.byteAt(0), bytes, message.byteAt(Rtnetlink.IFADDR_PREFIX_LENGTH)));
  }

  private static boolean isLinkLocal(IpPrefix address) {
    return address.ipv6() && (address.high() & LINK_LOCAL_MASK) == LINK_LOCAL;
  }

  /** Makes the request once the interface's index is known. */
  @FunctionalInterface
  private interface LinkChange {
    NetlinkRequest request(int index);
  }
}
