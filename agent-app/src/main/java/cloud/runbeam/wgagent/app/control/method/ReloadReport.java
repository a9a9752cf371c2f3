package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.tunnel.NetworkDiff;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import java.util.List;
import java.util.Optional;

/**
 * What a reload did to one network, or would do.
 *
 * @param network its name
 * @param state as in {@code status}; absent where the network is gone
 * @param action {@code none, start, stop, update, restart}
 * @param peersAdded names
 * @param peersRemoved names
 * @param peersUpdated names; all others were not touched
 * @param addressesAdded with prefix length
 * @param addressesRemoved with prefix length
 * @param routesAdded prefixes
 * @param routesRemoved prefixes
 * @param changed the other keys whose values change, as in the configuration file: {@code dns, mtu,
 *     ...}
 * @param restarted whether it could not be done live
 */
public record ReloadReport(
    String network,
    Optional<String> state,
    String action,
    List<String> peersAdded,
    List<String> peersRemoved,
    List<String> peersUpdated,
    List<String> addressesAdded,
    List<String> addressesRemoved,
    List<String> routesAdded,
    List<String> routesRemoved,
    List<String> changed,
    boolean restarted) {

  /** The report on {@code diff}, with the network's state now. */
  static ReloadReport of(NetworkDiff diff, TunnelService tunnels) {
    Optional<String> state = tunnels.status(diff.network()).map(status -> status.state().code());
    return new ReloadReport(
        diff.network(),
        state,
        diff.action().code(),
        diff.peersAdded(),
        diff.peersRemoved(),
        diff.peersUpdated(),
        diff.addressesAdded(),
        diff.addressesRemoved(),
        diff.routesAdded(),
        diff.routesRemoved(),
        diff.changed(),
        diff.restarted());
  }

  /**
   * The result for the whole file.
   *
   * @param networks each network, untouched ones included
   * @param restarted whether any network could not be changed live
   */
  public record Networks(List<ReloadReport> networks, boolean restarted) {
    static Networks of(List<ReloadReport> networks) {
      return new Networks(networks, networks.stream().anyMatch(ReloadReport::restarted));
    }
  }
}
