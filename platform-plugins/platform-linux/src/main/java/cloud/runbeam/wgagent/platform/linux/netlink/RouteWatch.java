package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Notices when IPv4 routing changes, and answers which way a packet would go, both in the network
 * namespace of the thread that opened it. It owns a thread, which sleeps until there is news.
 *
 * <p>Routes are watched, and what changes them without saying so: rules, addresses, links.
 */
public final class RouteWatch implements AutoCloseable {
  /** On a router whose routes change all the time, changes closer together count as one. */
  private static final int REST_MS = 10;

  private final NetlinkSocket queries;
  private final AtomicInteger generation;
  private final NewsThread news;
  private boolean stopping;

  private RouteWatch(NetlinkSocket queries, AtomicInteger generation, NewsThread news) {
    this.queries = queries;
    this.generation = generation;
    this.news = news;
  }

  /** Starts to watch. */
  public static RouteWatch open() throws IOException {
    NetlinkSocket queries = NetlinkSocket.open();
    AtomicInteger generation = new AtomicInteger();
    try {
      NewsThread news =
          NewsThread.start(
              "wg-agent-routes",
              0,
              REST_MS,
              generation::incrementAndGet,
              Rtnetlink.RTNLGRP_LINK,
              Rtnetlink.RTNLGRP_IPV4_IFADDR,
              Rtnetlink.RTNLGRP_IPV4_ROUTE,
              Rtnetlink.RTNLGRP_IPV4_RULE);
      return new RouteWatch(queries, generation, news);
    } catch (IOException failure) {
      queries.close();
      throw failure;
    }
  }

  /** A number that changes whenever routing may have changed. Any thread. */
  public int generation() {
    return generation.get();
  }

  /**
   * Whether a packet to {@code endpoint}, sent from its source, leaves through its source
   * interface, which is how WireGuard in the kernel judges whether the source is still good (send4
   * in drivers/net/wireguard/socket.c). No route at all is no verdict on the source. Any thread;
   * asks the kernel, some ten microseconds.
   *
   * @param endpoint an IPv4 endpoint with a source
   * @param fwmark the mark that the packet carries
   */
  public synchronized boolean leavesBySourceInterface(Endpoint endpoint, int fwmark) {
    if (stopping || endpoint.sourceInterface() == 0) {
      return true;
    }
    NetlinkRequest request =
        NetlinkRoutes.lookup(endpoint)
            .put(Rtnetlink.RTA_SRC, AddressBytes.ipv4((int) endpoint.sourceLow()));
    if (fwmark != 0) {
      request.put(Rtnetlink.RTA_MARK, fwmark);
    }
    try {
      for (NetlinkMessage route : queries.ask(request)) {
        OptionalInt leavesBy = route.intAttribute(Rtnetlink.ROUTE_BYTES, Rtnetlink.RTA_OIF);
        if (leavesBy.isPresent()) {
          return leavesBy.getAsInt() == endpoint.sourceInterface();
        }
      }
      return true;
    } catch (NetlinkException refusal) {
      // EINVAL: the source is no address of ours any more.
      return refusal.errno() != Errno.EINVAL;
    }
  }

  @Override
  public synchronized void close() {
    if (!stopping) {
      stopping = true;
      news.close();
      queries.close();
    }
  }
}
