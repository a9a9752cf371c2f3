package cloud.runbeam.wgagent.app.host;

import java.util.List;

/**
 * What {@link HostNetwork#apply} would change.
 *
 * @param addressesAdded with prefix length
 * @param addressesRemoved with prefix length
 * @param routesAdded prefixes
 * @param routesRemoved prefixes
 * @param changed what else: {@code mtu}, {@code dns}, {@code kill_switch}, {@code default_route}
 */
public record HostDiff(
    List<String> addressesAdded,
    List<String> addressesRemoved,
    List<String> routesAdded,
    List<String> routesRemoved,
    List<String> changed) {

  /** Copies the lists. */
  public HostDiff {
    addressesAdded = List.copyOf(addressesAdded);
    addressesRemoved = List.copyOf(addressesRemoved);
    routesAdded = List.copyOf(routesAdded);
    routesRemoved = List.copyOf(routesRemoved);
    changed = List.copyOf(changed);
  }

  /** Whether nothing would change. */
  public boolean isEmpty() {
    return addressesAdded.isEmpty()
        && addressesRemoved.isEmpty()
        && routesAdded.isEmpty()
        && routesRemoved.isEmpty()
        && changed.isEmpty();
  }
}
