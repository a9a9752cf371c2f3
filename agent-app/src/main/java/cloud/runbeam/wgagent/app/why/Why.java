package cloud.runbeam.wgagent.app.why;

import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.why.Explanation.Outcome;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.HostFacts.FirewallFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.RouteFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.Verdict;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Explains what becomes of a packet.
 *
 * <pre>
 *   rule -> route -> device -> allowed IPs -> session -> endpoint's route -> firewall -> DNS
 *   |______ RoutingFindings ___|  |____________ PeerFindings _________|  |__ HostFindings __|
 * </pre>
 *
 * <p>The network is the one asked about, otherwise the one whose interface the route leads to,
 * otherwise the one whose allowed IPs match best. Any thread; asks the system, some ten
 * milliseconds.
 */
public final class Why {
  private final HostFacts facts;

  /** Asks {@code facts} about this machine. */
  public Why(HostFacts facts) {
    this.facts = facts;
  }

  /**
   * Explains what becomes of a packet to {@code address}.
   *
   * @param address its prefix length is of no account
   * @param wanted the network that should carry it, if somebody said so
   * @param networks all of this agent
   * @throws PlatformException when the system does not tell its routes
   */
  public Explanation explain(
      IpPrefix address, Optional<NetworkStatus> wanted, List<NetworkStatus> networks)
      throws PlatformException {
    RouteFact route = facts.route(address, 0);
    Optional<NetworkStatus> network =
        wanted.or(() -> byInterface(route, networks)).or(() -> byAllowedIps(address, networks));
    if (network.isEmpty()) {
      return outside(address, route);
    }
    NetworkStatus status = network.get();
    List<Finding> chain = new ArrayList<>(new RoutingFindings(facts).find(address, route, status));
    PeerFindings peers = new PeerFindings(facts);
    chain.addAll(peers.find(address, status));
    HostFindings host = new HostFindings(facts);
    chain.add(host.firewall(address, status));
    chain.add(host.dns(status));
    return conclude(address, status, chain);
  }

  private static Explanation conclude(IpPrefix address, NetworkStatus status, List<Finding> chain) {
    Optional<Finding> broken = chain.stream().filter(Finding::isBroken).findFirst();
    String to = address.addressText();
    if (broken.isPresent()) {
      Finding first = broken.get();
      return new Explanation(
          to,
          Optional.of(status.name()),
          Outcome.BROKEN,
          first.fact() + (first.advice().isEmpty() ? "" : ": " + first.advice()),
          broken,
          chain);
    }
    boolean certain =
        chain.stream()
            .filter(finding -> finding.link().compareTo(ChainLink.FIREWALL) < 0)
            .noneMatch(finding -> finding.state() == Finding.State.UNKNOWN);
    String through = "packets to " + to + " go through network " + status.name();
    return new Explanation(
        to,
        Optional.of(status.name()),
        certain ? Outcome.WORKS : Outcome.UNKNOWN,
        certain
            ? through + " and its peer answers; if you get no answer, look at the other side"
            : through + ", but not every link can be judged",
        Optional.empty(),
        chain);
  }

  /** No network wants the address: that may be right. */
  private Explanation outside(IpPrefix address, RouteFact route) {
    List<Finding> chain = new ArrayList<>();
    String way = RoutingFindings.describe(route);
    chain.add(Finding.ok(ChainLink.RULE, route.rule().orElse("no rule can be told")));
    chain.add(
        route.verdict() == Verdict.UNICAST || route.verdict() == Verdict.LOCAL
            ? Finding.ok(ChainLink.ROUTE, way)
            : Finding.broken(
                ChainLink.ROUTE, way, "add a route, or the address to a peer's allowed_ips"));
    FirewallFact firewall = facts.firewall();
    if (firewall.killSwitch() && route.verdict() == Verdict.UNICAST) {
      chain.add(
          Finding.broken(
              ChainLink.FIREWALL,
              "the kill switch drops what leaves outside of a tunnel",
              "add the address to a peer's allowed_ips, set allow_lan for local addresses, or"
                  + " disconnect the network that has kill_switch"));
    } else {
      chain.add(HostFindings.describe(firewall));
    }
    Optional<Finding> broken = chain.stream().filter(Finding::isBroken).findFirst();
    return new Explanation(
        address.addressText(),
        Optional.empty(),
        broken.isPresent() ? Outcome.BROKEN : Outcome.OUTSIDE,
        broken
            .map(finding -> finding.fact() + ": " + finding.advice())
            .orElse("no network carries " + address.addressText() + ": " + way),
        broken,
        chain);
  }

  private static Optional<NetworkStatus> byInterface(
      RouteFact route, List<NetworkStatus> networks) {
    return networks.stream()
        .filter(network -> route.device().filter(network.interfaceName()::equals).isPresent())
        .findFirst();
  }

  private static Optional<NetworkStatus> byAllowedIps(
      IpPrefix address, List<NetworkStatus> networks) {
    return networks.stream()
        .filter(network -> PeerFindings.matchLength(address, network) >= 0)
        .max(Comparator.comparingInt(network -> PeerFindings.matchLength(address, network)));
  }
}
