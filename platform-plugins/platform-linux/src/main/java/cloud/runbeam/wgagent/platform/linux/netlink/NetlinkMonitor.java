package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.api.NetworkChange.Kind;
import cloud.runbeam.wgagent.platform.api.NetworkMonitor;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Hears rtnetlink's news about links, addresses, routes and rules of both families, and notices a
 * suspend by the clock that counts it moving away from the clock that does not. Any thread.
 */
public final class NetlinkMonitor implements NetworkMonitor {
  /** An interface that comes up changes ten things within some milliseconds. */
  private static final int SETTLE_MS = 50;

  /** Clocks are read one after the other, perhaps with a pause of the machine in between. */
  private static final long SHORTEST_SUSPEND_NS = 1_000_000_000L;

  private static final int[] GROUPS = {
    Rtnetlink.RTNLGRP_LINK,
    Rtnetlink.RTNLGRP_IPV4_IFADDR,
    Rtnetlink.RTNLGRP_IPV4_ROUTE,
    Rtnetlink.RTNLGRP_IPV4_RULE,
    Rtnetlink.RTNLGRP_IPV6_IFADDR,
    Rtnetlink.RTNLGRP_IPV6_ROUTE,
    Rtnetlink.RTNLGRP_IPV6_RULE
  };

  private final LongSupplier suspendedNs;

  /** Holds nothing open until it watches. */
  public NetlinkMonitor() {
    // On Linux, System.nanoTime is CLOCK_MONOTONIC, which stands still while suspended.
    this(() -> SystemCalls.ofThread().bootTimeNs() - System.nanoTime());
  }

  /** With another way to tell how long the machine was suspended since some moment. */
  NetlinkMonitor(LongSupplier suspendedNs) {
    this.suspendedNs = suspendedNs;
  }

  @Override
  public Watch watch(Listener listener) throws PlatformException {
    try {
      return NewsThread.start("wg-agent-network", SETTLE_MS, 0, new Teller(listener), GROUPS)
          ::close;
    } catch (IOException refused) {
      throw new PlatformException(
          "cannot watch the network for changes",
          String.valueOf(refused.getMessage()),
          "let this process use AF_NETLINK (RestrictAddressFamilies=) and raise LimitNOFILE=");
    }
  }

  /** Reads on the watch's thread and tells the listener. */
  private final class Teller implements NewsThread.Reader {
    private final Listener listener;
    private final ChangeFilter filter = new ChangeFilter();
    private long suspended = suspendedNs.getAsLong();

    Teller(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void started() {
      dump();
      filter.forget();
    }

    @Override
    public void read(NetlinkMessage message) {
      filter.read(message);
    }

    @Override
    public void lost() {
      filter.note(Kind.LOST);
      dump();
    }

    @Override
    public void settled() {
      long now = suspendedNs.getAsLong();
      if (now - suspended >= SHORTEST_SUSPEND_NS) {
        filter.note(Kind.RESUMED);
      }
      suspended = now;
      filter.take().ifPresent(listener::changed);
    }

    /** Learns what there is, so that only changes to it are told. */
    private void dump() {
      try (NetlinkSocket socket = NetlinkSocket.open()) {
        socket
            .ask(NetlinkRequest.link(Rtnetlink.RTM_GETLINK, Rtnetlink.NLM_F_DUMP, 0))
            .forEach(filter::read);
        socket
            .ask(
                NetlinkRequest.address(
                    Rtnetlink.RTM_GETADDR, Rtnetlink.NLM_F_DUMP, Rtnetlink.AF_UNSPEC, 0, 0))
            .forEach(filter::read);
      } catch (NetlinkException refused) {
        // Repetitions are told as changes then, once each.
        filter.note(Kind.LOST);
      }
    }
  }
}
