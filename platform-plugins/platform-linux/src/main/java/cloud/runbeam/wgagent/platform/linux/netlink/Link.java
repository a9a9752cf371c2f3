package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.util.Optional;

/**
 * What the kernel says of an interface.
 *
 * @param index interface index, positive
 * @param name its name
 * @param mtuBytes its MTU
 * @param up whether it was set up by its administrator
 */
public record Link(int index, String name, int mtuBytes, boolean up) {
  /** The link that an {@code RTM_NEWLINK} tells of; empty when it lacks something. */
  static Optional<Link> of(NetlinkMessage message) {
    Optional<String> name = message.textAttribute(Rtnetlink.IFINFO_BYTES, Rtnetlink.IFLA_IFNAME);
    var mtuBytes = message.intAttribute(Rtnetlink.IFINFO_BYTES, Rtnetlink.IFLA_MTU);
    if (name.isEmpty() || mtuBytes.isEmpty()) {
      return Optional.empty();
    }
    boolean up = (message.intAt(Rtnetlink.IFINFO_FLAGS) & Rtnetlink.IFF_UP) != 0;
    return Optional.of(
        new Link(message.intAt(Rtnetlink.IFINFO_INDEX), name.get(), mtuBytes.getAsInt(), up));
  }

  /** Looks a link up by name; ENODEV when there is none. */
  public static Link byName(NetlinkSocket socket, String name) throws NetlinkException {
    return get(
        socket,
        NetlinkRequest.link(Rtnetlink.RTM_GETLINK, Rtnetlink.NLM_F_ACK, 0)
            .put(Rtnetlink.IFLA_IFNAME, name));
  }

  /** Looks a link up by index; ENODEV when there is none. */
  public static Link byIndex(NetlinkSocket socket, int index) throws NetlinkException {
    return get(socket, NetlinkRequest.link(Rtnetlink.RTM_GETLINK, Rtnetlink.NLM_F_ACK, index));
  }

  private static Link get(NetlinkSocket socket, NetlinkRequest request) throws NetlinkException {
    return socket.ask(request).stream()
        .filter(message -> message.type() == Rtnetlink.RTM_NEWLINK)
        .map(Link::of)
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(
            () -> new NetlinkException("rtnetlink", Errno.ENODEV, "no such link in the answer"));
  }
}
