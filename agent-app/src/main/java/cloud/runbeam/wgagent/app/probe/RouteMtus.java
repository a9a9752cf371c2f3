package cloud.runbeam.wgagent.app.probe;

import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.host.HostStatus;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import java.util.LinkedHashSet;
import java.util.OptionalInt;
import java.util.Set;

/** Gives the routes to a peer an MTU of their own. The routes end with the interface. */
final class RouteMtus {
  private final RouteTable routes;

  RouteMtus(RouteTable routes) {
    this.routes = routes;
  }

  /**
   * Sets the MTU of every route of ours to the peer's allowed IPs.
   *
   * @param mtuBytes 0 for that of the interface
   * @return how many routes have it now
   */
  int set(NetworkStatus status, PeerConfig peer, int mtuBytes) throws PlatformException {
    Set<Integer> tables = new LinkedHashSet<>();
    OptionalInt made = status.host().map(HostStatus::table).orElse(OptionalInt.empty());
    made.ifPresent(tables::add);
    tables.add(status.config().table().orElse(RouteTable.MAIN));
    int changed = 0;
    for (IpPrefix prefix : peer.allowedIps()) {
      for (int table : tables) {
        if (routes.setMtu(status.interfaceName(), prefix, table, mtuBytes)) {
          changed++;
        }
      }
    }
    return changed;
  }
}
