package cloud.runbeam.wgagent.app.tunnel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;

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
 *     mtu, listen_port, private_key, fwmark, table, routes, kill_switch, allow_lan, interface,
 *     enable_wireguard}; never their values
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
  /** More than this many are only counted in {@link #summary}. */
  private static final int MOST_NAMED = 10;

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

  /** The members that are not empty, by their names in the control API. */
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("action", action.code());
    put(details, "peers_added", peersAdded);
    put(details, "peers_removed", peersRemoved);
    put(details, "peers_updated", peersUpdated);
    put(details, "addresses_added", addressesAdded);
    put(details, "addresses_removed", addressesRemoved);
    put(details, "routes_added", routesAdded);
    put(details, "routes_removed", routesRemoved);
    put(details, "changed", changed);
    details.put("restarted", restarted);
    return details;
  }

  private static void put(Map<String, Object> details, String key, List<String> values) {
    if (!values.isEmpty()) {
      details.put(key, values);
    }
  }

  /** One line for people: {@code update: peers added core; changed dns, mtu}. */
  public String summary() {
    StringJoiner parts = new StringJoiner("; ");
    details()
        .forEach((key, value) -> {
          if (value instanceof List<?> values) {
            parts.add(
                key.replace('_', ' ')
                    + " "
                    + (values.size() <= MOST_NAMED
                        ? values.stream().map(String::valueOf).collect(Collectors.joining(", "))
                        : String.valueOf(values.size())));
          }
        });
    return action.code() + (parts.length() == 0 ? "" : ": " + parts);
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
