package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses numbers that are neither a table in use nor a mark that a rule on this machine looks for:
 * the first from 51,820 up, where wg-quick begins too. Any thread.
 */
final class FreeNumbers {
  /** WireGuard's port number, and where wg-quick begins to look for a table (wg-quick(8)). */
  static final int FIRST = 51_820;

  /** A machine with this many tables in a row has other problems. */
  private static final int ATTEMPTS = 10_000;

  private final PolicyRouting routing;
  private final Map<String, Integer> chosen = new HashMap<>();

  FreeNumbers(PolicyRouting routing) {
    this.routing = routing;
  }

  /** The network's number, chosen at the first call and kept until {@link #release}. */
  synchronized int of(String network) throws PlatformException {
    Integer before = chosen.get(network);
    if (before != null) {
      return before;
    }
    Set<Integer> taken = new HashSet<>(chosen.values());
    List<PolicyRouting.Rule> rules = routing.rules();
    rules.forEach(rule -> taken.add(rule.table()));
    for (int number = FIRST; number < FIRST + ATTEMPTS; number++) {
      int candidate = number;
      if (!taken.contains(number)
          && rules.stream().noneMatch(rule -> looksFor(rule, candidate))
          && !routing.hasRoutes(number)) {
        chosen.put(network, number);
        return number;
      }
    }
    throw new PlatformException(
        "cannot choose a routing table for network " + network,
        "all numbers from " + FIRST + " to " + (FIRST + ATTEMPTS - 1) + " are in use",
        "set table and fwmark in the configuration");
  }

  /** Gives the network's number back. */
  synchronized void release(String network) {
    chosen.remove(network);
  }

  /** Whether a packet with the mark would be taken for one of somebody else's. */
  private static boolean looksFor(PolicyRouting.Rule rule, int mark) {
    return rule.mask() != 0 && (mark & rule.mask()) == (rule.mark() & rule.mask());
  }
}
