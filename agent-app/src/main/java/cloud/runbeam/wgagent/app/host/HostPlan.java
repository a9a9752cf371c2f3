package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import cloud.runbeam.wgagent.platform.api.PolicyRouting.Rule;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Turns what a network wants into changes, in the order in which they are made:
 *
 * <pre>
 *   1  kill switch             before anything can leave
 *   2  MTU, addresses, link up
 *   3  routes                  to main, or to the given table; /0 to a table of our own
 *   4  check by mark, replies  so that answers to outer packets are not taken for spoofed ones
 *   5  rules                   main without its default; unmarked packets to our table
 *   6  name servers
 * </pre>
 *
 * <p>Step 5 is what wg-quick(8) does for {@code AllowedIPs = 0.0.0.0/0}: outer packets carry the
 * mark and so take the machine's own default route, all others take ours, except where the main
 * table knows something nearer than its default.
 */
final class HostPlan {
  /** Below the main table's rule, which has 32,766 (ip-rule(8)). */
  private static final int HIGHEST_PRIORITY = 32_765;

  private final HostSettings settings;
  private final Device device;
  private final Machine machine;
  private final Collection<HostChange> standing;
  private final boolean forReal;
  private final List<String> remarks = new ArrayList<>();

  /**
   * A plan for the settings.
   *
   * @param device the interface as it is now
   * @param standing what was made for this network before, whose choices are kept
   * @param forReal whether the changes are to be made, or only to be told
   */
  HostPlan(
      HostSettings settings,
      Device device,
      Machine machine,
      Collection<HostChange> standing,
      boolean forReal) {
    this.forReal = forReal;
    this.settings = settings;
    this.device = device;
    this.machine = machine;
    this.standing = standing;
  }

  /** What the plan leaves out and why that is right; complete after {@link #changes}. */
  List<String> remarks() {
    return List.copyOf(remarks);
  }

  /** The mark that outer packets of such a network need: the configured one, or one of ours. */
  static int fwmark(HostSettings settings, Machine machine) throws PlatformException {
    boolean needed = settings.takesDefaultRoute() || settings.killSwitch();
    return settings.fwmark() != 0 || !needed
        ? settings.fwmark()
        : machine.numbers().of(settings.network());
  }

  /** The kill switch alone, where the network has one. */
  static Optional<HostChange> killSwitch(HostSettings settings, Machine machine)
      throws PlatformException {
    if (!settings.killSwitch()) {
      return Optional.empty();
    }
    return Optional.of(
        new HostChange.KillSwitched(
            settings.network(),
            new KillSwitch.Tunnel(
                settings.interfaceName(), fwmark(settings, machine), settings.allowLan())));
  }

  /** All changes in order, without repetition. */
  List<HostChange> changes() throws PlatformException {
    Set<HostChange> changes = new LinkedHashSet<>();
    killSwitch(settings, machine).ifPresent(changes::add);
    changes.add(new HostChange.Mtu(device, settings.mtuBytes()));
    for (IpPrefix address : settings.addresses()) {
      changes.add(new HostChange.Address(device, address));
    }
    changes.add(new HostChange.Link(device));
    boolean ipv4 = false;
    boolean ipv6 = false;
    for (IpPrefix prefix : settings.routes()) {
      if (prefix.length() > 0 || settings.table().isPresent()) {
        addRoute(changes, prefix);
      } else if (isInUse(prefix.ipv6())) {
        int table = machine.numbers().of(settings.network());
        changes.add(new HostChange.Route(device, prefix.network(), table));
        ipv4 |= !prefix.ipv6();
        ipv6 |= prefix.ipv6();
      }
    }
    if (ipv4) {
      addSourceChecks(changes);
    }
    if (ipv4) {
      addRules(changes, false);
    }
    if (ipv6) {
      addRules(changes, true);
    }
    if (!settings.dns().isEmpty()) {
      changes.add(nameServers());
    }
    return List.copyOf(changes);
  }

  /** What undoes it is asked for once: afterwards the system's own servers cannot be seen. */
  private HostChange nameServers() throws PlatformException {
    DnsRequest request =
        new DnsRequest(settings.interfaceName(), settings.dns(), settings.dnsSearch());
    Optional<HostChange.NameServers> stands =
        standing.stream()
            .filter(HostChange.NameServers.class::isInstance)
            .map(HostChange.NameServers.class::cast)
            .findFirst();
    if (stands.isPresent()) {
      return new HostChange.NameServers(request, stands.get().undo());
    }
    return new HostChange.NameServers(
        request, forReal ? machine.platform().dns().prepare(request) : "");
  }

  private void addRoute(Set<HostChange> changes, IpPrefix prefix) {
    int table = settings.table().orElse(RouteTable.MAIN);
    // The kernel routes the subnet of an address by itself, with the right source address; our
    // route would replace that one.
    boolean connected =
        table == RouteTable.MAIN
            && settings.addresses().stream()
                .anyMatch(address -> address.network().equals(prefix.network()));
    if (!connected) {
      changes.add(new HostChange.Route(device, prefix.network(), table));
    }
  }

  /** A machine without IPv6 has nothing that {@code ::/0} would have to catch. */
  private boolean isInUse(boolean ipv6) throws PlatformException {
    boolean ours = settings.addresses().stream().anyMatch(address -> address.ipv6() == ipv6);
    if (!ipv6
        || ours
        || machine.platform().policyRouting().isInUse(true, settings.interfaceName())) {
      return true;
    }
    remarks.add("::/0 is not routed: this machine has no IPv6 that could leave outside the tunnel");
    return false;
  }

  private void addSourceChecks(Set<HostChange> changes) throws PlatformException {
    boolean before = true;
    try {
      before = machine.markedSources().before();
    } catch (PlatformException refused) {
      remarks.add(String.valueOf(refused.getMessage()));
    }
    Optional<HostChange> stands =
        standing.stream().filter(HostChange.CheckedByMark.class::isInstance).findFirst();
    if (stands.isPresent() || !before) {
      changes.add(stands.orElseGet(() -> new HostChange.CheckedByMark(settings.network(), false)));
    }
    changes.add(
        new HostChange.GuardedReplies(
            settings.interfaceName(), fwmark(settings, machine), settings.addresses()));
  }

  private void addRules(Set<HostChange> changes, boolean ipv6) throws PlatformException {
    int mark = fwmark(settings, machine);
    int table = machine.numbers().of(settings.network());
    int priority = standingPriority(ipv6, table, mark).orElse(freePriority(ipv6));
    // First what keeps local destinations reachable, then what takes everything else.
    changes.add(new HostChange.RuleAdded(Rule.mainButDefault(ipv6, priority - 1)));
    changes.add(new HostChange.RuleAdded(Rule.unmarkedTo(table, mark, ipv6, priority)));
  }

  private Optional<Integer> standingPriority(boolean ipv6, int table, int mark) {
    return standing.stream()
        .filter(HostChange.RuleAdded.class::isInstance)
        .map(change -> ((HostChange.RuleAdded) change).rule())
        .filter(rule -> rule.equals(Rule.unmarkedTo(table, mark, ipv6, rule.priority())))
        .map(Rule::priority)
        .findFirst();
  }

  /**
   * The highest pair of priorities that nobody uses: behind other programs' rules, which are for
   * something narrower, and before another full tunnel, as the latest comer.
   */
  private int freePriority(boolean ipv6) throws PlatformException {
    PolicyRouting routing = machine.platform().policyRouting();
    Set<Integer> taken = new LinkedHashSet<>();
    for (Rule rule : routing.rules()) {
      if (rule.ipv6() == ipv6) {
        taken.add(rule.priority());
      }
    }
    for (int priority = HIGHEST_PRIORITY; priority > 1; priority--) {
      if (!taken.contains(priority) && !taken.contains(priority - 1)) {
        return priority;
      }
    }
    throw new PlatformException(
        "cannot add routing rules for network " + settings.network(),
        "no two priorities below " + HIGHEST_PRIORITY + " are free",
        "remove rules that nobody needs: ip rule show");
  }
}
