package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.util.List;

/**
 * The kernel's news about links, in the network namespace of the thread that opens it. One thread
 * at a time.
 */
public final class LinkEvents implements AutoCloseable {
  private final NetlinkSocket socket;

  private LinkEvents(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Subscribes; what happens from now on is kept until it is fetched. */
  public static LinkEvents open() throws NetlinkException {
    return new LinkEvents(NetlinkSocket.open(Rtnetlink.RTNLGRP_LINK));
  }

  /** The descriptor, readable when there is news. */
  public int descriptor() {
    return socket.descriptor();
  }

  /**
   * Asks for a link's state, which then comes as news; as does, if there is no such link, that it
   * was removed.
   */
  public void ask(int index) throws NetlinkException {
    socket.send(NetlinkRequest.link(Rtnetlink.RTM_GETLINK, 0, index));
  }

  /** Asks for the state of the link of that name. */
  public Link find(String name) throws NetlinkException {
    return Link.byName(socket, name);
  }

  /**
   * Fetches the news about link {@code index} without waiting.
   *
   * @return false when news were lost; then {@link #ask}
   */
  public boolean fetch(int index, Listener listener) throws NetlinkException {
    while (true) {
      List<NetlinkMessage> messages;
      try {
        messages = socket.receive(false);
      } catch (NetlinkException failure) {
        if (failure.errno() == Errno.ENOBUFS) {
          return false;
        }
        throw failure;
      }
      if (messages.isEmpty()) {
        return true;
      }
      for (NetlinkMessage message : messages) {
        tell(message, index, listener);
      }
    }
  }

  private static void tell(NetlinkMessage message, int index, Listener listener) {
    switch (message.type()) {
      case Rtnetlink.RTM_NEWLINK ->
          Link.of(message).filter(link -> link.index() == index).ifPresent(listener::changed);
      case Rtnetlink.RTM_DELLINK -> {
        if (message.intAt(Rtnetlink.IFINFO_INDEX) == index) {
          listener.removed();
        }
      }
      // The answer to ask: only that question is ever sent here.
      case Rtnetlink.NLMSG_ERROR -> {
        if (message.errno() == Errno.ENODEV) {
          listener.removed();
        }
      }
      default -> {}
    }
  }

  @Override
  public void close() {
    socket.close();
  }

  /** Hears the news about one link. */
  public interface Listener {
    /** The link is as told now. */
    void changed(Link link);

    /** The link is no longer in this namespace. */
    void removed();
  }
}
