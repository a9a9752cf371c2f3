package cloud.runbeam.wgagent.app.why;

import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.HostFacts.FirewallFact;
import java.util.List;

/** Firewall and name servers of this machine. */
final class HostFindings {
  private final HostFacts facts;

  HostFindings(HostFacts facts) {
    this.facts = facts;
  }

  Finding firewall(IpPrefix address, NetworkStatus status) {
    long refused =
        status
            .device()
            .map(device ->
                device.drops().getOrDefault(DropReason.SEND_REFUSED, 0L)
                    + device.peers().stream()
                        .filter(peer ->
                            peer.allowedIps().stream()
                                .anyMatch(prefix -> prefix.ipv6() == address.ipv6()))
                        .mapToLong(peer -> peer.drops().getOrDefault(DropReason.SEND_REFUSED, 0L))
                        .sum())
            .orElse(0L);
    FirewallFact firewall = facts.firewall();
    if (refused > 0) {
      return Finding.broken(
          ChainLink.FIREWALL,
          "this machine's firewall refused "
              + refused
              + " outer packets"
              + (firewall.dropping().isEmpty() ? "" : "; it drops in " + list(firewall)),
          "allow UDP from port "
              + status.device().map(device -> device.listenPort()).orElse(0)
              + " to the peers' endpoints; look with: nft list ruleset");
    }
    return describe(firewall);
  }

  static Finding describe(FirewallFact firewall) {
    if (!firewall.known()) {
      return Finding.unknown(
          ChainLink.FIREWALL, firewall.problem().orElse("the packet filter cannot be read"), "");
    }
    String killSwitch = firewall.killSwitch() ? "the kill switch stands; " : "";
    return firewall.dropping().isEmpty()
        ? Finding.ok(ChainLink.FIREWALL, killSwitch + "nothing else drops what leaves")
        : Finding.unknown(
            ChainLink.FIREWALL,
            killSwitch + "packets may be dropped in " + list(firewall),
            "see whether these rules mean this packet or UDP to the peer: nft list ruleset");
  }

  private static String list(FirewallFact firewall) {
    return String.join("; ", firewall.dropping());
  }

  Finding dns(NetworkStatus status) {
    List<String> asked = facts.nameServers();
    String now = asked.isEmpty() ? "none that can be told" : String.join(", ", asked);
    List<String> wanted = status.config().dns();
    if (wanted.isEmpty()) {
      return Finding.ok(ChainLink.DNS, "the network sets no name servers; the system asks " + now);
    }
    if (asked.isEmpty()) {
      return Finding.unknown(
          ChainLink.DNS, "the system's name servers cannot be told", "see /etc/resolv.conf");
    }
    boolean set = asked.stream().anyMatch(wanted::contains);
    return set
        ? Finding.ok(ChainLink.DNS, "the system asks " + now)
        : Finding.broken(
            ChainLink.DNS,
            "the system asks " + now + ", not the network's " + String.join(", ", wanted),
            "somebody else has changed the name servers since; wg-agent disconnect and connect "
                + status.name()
                + " sets them again");
  }
}
