package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.platform.linux.netlink.RouteWatch;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers, for the endpoints that a sender sends to, whether their IPv4 source is still good, and
 * asks the routing table again when it has changed. IPv6 sources need no such memory: the kernel
 * itself refuses one that is no longer there, and interfaces are not compared.
 *
 * <p>The first packet to an endpoint passes unasked. It answers one that just came, from the
 * address that was asked; and whoever floods us with requests from ever new addresses makes us ask
 * nothing.
 *
 * <p>One thread's.
 */
final class SourceChecks {
  /** More endpoints than places share places; they are then asked about more often. */
  private static final int PLACES = 1024;

  private final @Nullable RouteWatch routes;
  private final IntSupplier fwmark;
  private final @Nullable Endpoint[] endpoints = new Endpoint[PLACES];
  private final int[] generations = new int[PLACES];
  private final boolean[] asked = new boolean[PLACES];
  private final boolean[] good = new boolean[PLACES];

  /**
   * Checks of one sender.
   *
   * @param routes the routing table; without one every source is good
   * @param fwmark the mark of packets sent now
   */
  SourceChecks(@Nullable RouteWatch routes, IntSupplier fwmark) {
    this.routes = routes;
    this.fwmark = fwmark;
  }

  /** Whether the source of {@code endpoint}, which has one, may be used. */
  boolean isGood(Endpoint endpoint) {
    if (routes == null || !endpoint.isIpv4()) {
      return true;
    }
    int place = place(endpoint);
    if (!endpoint.equals(endpoints[place])) {
      endpoints[place] = endpoint;
      asked[place] = false;
      return true;
    }
    int generation = routes.generation();
    if (!asked[place] || generations[place] != generation) {
      asked[place] = true;
      generations[place] = generation;
      good[place] = routes.leavesBySourceInterface(endpoint, fwmark.getAsInt());
    }
    return good[place];
  }

  private static int place(Endpoint endpoint) {
    int hash = (int) endpoint.addressLow() * 31 + endpoint.port();
    return (hash ^ hash >>> 16) & (PLACES - 1);
  }
}
