package cloud.runbeam.wgagent.app.tunnel;

import java.util.List;
import java.util.Locale;

/**
 * What a reload does to one network, or would do. Everything in the order of the configuration.
 *
 * @param network its name
 * @param action what happens to it as a whole
 * @param peersAdded names
 * @param peersRemoved names
 * @param peersUpdated names; all other peers are not touched
 * @param addressesAdded with prefix length
 * @param addressesRemoved with prefix length
 * @param routesAdded prefixes
 * @param routesRemoved prefixes
 * @param changed the other keys that change, as in the configuration file: {@code dns, dns_search,
 *     mtu, listen_port, private_key, fwmark, table, routes, interface, enable_wireguard, ...};
 *     never their values
 * @param restarted whether the network is taken down and up again, because it could not be done
 *     live
 */
public record NetworkDiff(
    String network,
    Action action,
    List<String> peersAdded,
    List<String> peersRemoved,
    List<String> peersUpdated,
    List<String> addressesAdded,
    List<String> addressesRemoved,
    List<String> routesAdded,
    List<String> routesRemoved,
    List<String> changed,
    boolean restarted) {

  /** What happens to the network as a whole. */
  public enum Action {
    /** Nothing. */
    NONE,
    /** It is brought up. */
    START,
    /** It is taken down. */
    STOP,
    /** Its settings change; while it is up, live. */
    UPDATE,
    /** It is taken down and brought up with other settings. */
    RESTART;

    /** As in the control API: {@code update}. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the lists. */
  public NetworkDiff {
    peersAdded = List.copyOf(peersAdded);
    peersRemoved = List.copyOf(peersRemoved);
    peersUpdated = List.copyOf(peersUpdated);
    addressesAdded = List.copyOf(addressesAdded);
    addressesRemoved = List.copyOf(addressesRemoved);
    routesAdded = List.copyOf(routesAdded);
    routesRemoved = List.copyOf(routesRemoved);
    changed = List.copyOf(changed);
  }

  /** Whether nothing happens. */
  public boolean isNothing() {
    return action == Action.NONE;
  }

  /** Whether the settings are the same, whatever happens to the network as a whole. */
  boolean isEmpty() {
    return peersAdded.isEmpty()
        && peersRemoved.isEmpty()
        && peersUpdated.isEmpty()
        && addressesAdded.isEmpty()
        && addressesRemoved.isEmpty()
        && routesAdded.isEmpty()
        && routesRemoved.isEmpty()
        && changed.isEmpty();
  }

  NetworkDiff as(Action newAction) {
    return new NetworkDiff(
        network,
        newAction,
        peersAdded,
        peersRemoved,
        peersUpdated,
        addressesAdded,
        addressesRemoved,
        routesAdded,
        routesRemoved,
        changed,
        newAction == Action.RESTART);
  }
}
