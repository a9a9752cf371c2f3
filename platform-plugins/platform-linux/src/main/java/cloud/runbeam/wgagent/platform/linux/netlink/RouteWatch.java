package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.PollSet;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.ffi.WakeUp;
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
  private static final int RTNLGRP_LINK = 1;
  private static final int RTNLGRP_IPV4_IFADDR = 5;
  private static final int RTNLGRP_IPV4_ROUTE = 7;
  private static final int RTNLGRP_IPV4_RULE = 8;

  // Places in the poll set.
  private static final int WAKE_UP = 0;

  /** On a router whose routes change all the time, changes closer together count as one. */
  private static final int REST_MS = 10;

  private final NetlinkSocket events;
  private final NetlinkSocket queries;
  private final WakeUp wakeUp;
  private final AtomicInteger generation = new AtomicInteger();
  private volatile boolean stopping;

  private RouteWatch(NetlinkSocket events, NetlinkSocket queries, WakeUp wakeUp) {
    this.events = events;
    this.queries = queries;
    this.wakeUp = wakeUp;
  }

  /** Starts to watch. */
  public static RouteWatch open() throws IOException {
    NetlinkSocket queries = NetlinkSocket.open();
    NetlinkSocket events = null;
    try {
      events =
          NetlinkSocket.open(
              RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE);
      RouteWatch watch = new RouteWatch(events, queries, WakeUp.create());
      Thread thread = new Thread(watch::run, "wg-agent-routes");
      thread.setDaemon(true);
      thread.start();
      return watch;
    } catch (IOException failure) {
      queries.close();
      if (events != null) {
        events.close();
      }
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

  private void run() {
    SystemCalls calls = new SystemCalls();
    try (PollSet news = new PollSet(wakeUp.descriptor(), events.descriptor());
        PollSet rest = new PollSet(wakeUp.descriptor())) {
      while (!stopping) {
        news.await(calls, -1);
        if (!news.isReady(WAKE_UP)) {
          drain();
          generation.incrementAndGet();
          rest.await(calls, REST_MS);
        }
      }
    }
    release();
  }

  /** Throws the news away: what exactly changed does not matter. */
  private void drain() {
    boolean more = true;
    while (more) {
      try {
        more = !events.receive(false).isEmpty();
      } catch (NetlinkException lost) {
        // ENOBUFS: there was more news than the socket could keep. That something changed is
        // enough.
        more = false;
      }
    }
  }

  private synchronized void release() {
    events.close();
    queries.close();
    wakeUp.close();
  }

  @Override
  public synchronized void close() {
    if (!stopping) {
      stopping = true;
      wakeUp.signal();
    }
  }
}
