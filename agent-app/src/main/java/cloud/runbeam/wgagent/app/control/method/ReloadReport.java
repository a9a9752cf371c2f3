package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.tunnel.NetworkDiff;
import java.util.List;
import java.util.Optional;

/**
 * What a reload did to one network, or would do.
 *
 * @param network its name
 * @param state as in {@code status}; absent where the network is gone
 * @param reloaded whether it was done; false for a plan
 * @param action {@code none, start, stop, update, restart}
 * @param peers names
 * @param addresses with prefix length
 * @param routes prefixes
 * @param dns whether name servers or search domains change
 * @param mtu whether the MTU changes
 * @param changed all keys whose values change, as in the configuration file
 * @param restarted whether it could not be done live
 */
public record ReloadReport(
    String network,
    Optional<String> state,
    boolean reloaded,
    String action,
    PeerChanges peers,
    Changes addresses,
    Changes routes,
    boolean dns,
    boolean mtu,
    List<String> changed,
    boolean restarted) {

  static ReloadReport of(NetworkDiff diff, Optional<String> state, boolean reloaded) {
    return new ReloadReport(
        diff.network(),
        state,
        reloaded,
        diff.action().code(),
        new PeerChanges(diff.peersAdded(), diff.peersRemoved(), diff.peersUpdated()),
        new Changes(diff.addressesAdded(), diff.addressesRemoved()),
        new Changes(diff.routesAdded(), diff.routesRemoved()),
        diff.changed().contains("dns") || diff.changed().contains("dns_search"),
        diff.changed().contains("mtu"),
        diff.changed(),
        diff.restarted());
  }

  /**
   * Peers by name.
   *
   * @param added new ones
   * @param removed gone ones
   * @param updated ones with other settings; all others were not touched
   */
  public record PeerChanges(List<String> added, List<String> removed, List<String> updated) {}

  /**
   * Something that comes and goes.
   *
   * @param added new ones
   * @param removed gone ones
   */
  public record Changes(List<String> added, List<String> removed) {}

  /**
   * The result for the whole file.
   *
   * @param networks each network, untouched ones included
   * @param reloaded whether it was done; false for a plan
   * @param restarted whether any network could not be changed live
   */
  public record Networks(List<ReloadReport> networks, boolean reloaded, boolean restarted) {
    static Networks of(List<ReloadReport> networks, boolean reloaded) {
      return new Networks(networks, reloaded, networks.stream().anyMatch(ReloadReport::restarted));
    }
  }
}
