package cloud.runbeam.wgagent.platform.linux.facts;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.dns.LinuxDns;
import cloud.runbeam.wgagent.platform.linux.netlink.RouteFacts;
import cloud.runbeam.wgagent.platform.linux.tool.SystemTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Facts of a Linux machine: routes and interfaces over rtnetlink, the packet filter from {@code
 * nft}. Any thread.
 */
public final class LinuxFacts implements HostFacts {
  /** The old iptables lists its tables here; nft does not know them. */
  private static final List<Path> LEGACY =
      List.of(Path.of("/proc/net/ip_tables_names"), Path.of("/proc/net/ip6_tables_names"));

  private final RouteFacts routes = new RouteFacts();
  private final SystemTools tools;

  /** Of this machine. Holds nothing open. */
  public LinuxFacts() {
    this(new SystemTools());
  }

  LinuxFacts(SystemTools tools) {
    this.tools = tools;
  }

  @Override
  public RouteFact route(IpPrefix address, int fwmark) throws PlatformException {
    return routes.route(address, fwmark);
  }

  @Override
  public Optional<LinkFact> link(String interfaceName) throws PlatformException {
    return routes.link(interfaceName);
  }

  @Override
  public FirewallFact firewall() {
    List<String> dropping = new ArrayList<>(legacy());
    if (tools.find("nft").isEmpty()) {
      return dropping.isEmpty()
          ? FirewallFact.unknown("nft is not installed: install nftables to see the packet filter")
          : new FirewallFact(true, false, dropping, Optional.empty());
    }
    try {
      NftRuleset ruleset =
          NftRuleset.parse(tools.run("", "nft", List.of("--terse", "list", "ruleset")));
      dropping.addAll(ruleset.dropping());
      return new FirewallFact(true, ruleset.killSwitch(), dropping, Optional.empty());
    } catch (IOException failure) {
      return FirewallFact.unknown(failure.getMessage() + ": CAP_NET_ADMIN is needed to see it");
    }
  }

  /** Tables of iptables-legacy, of which is only known that they are there. */
  private static List<String> legacy() {
    List<String> tables = new ArrayList<>();
    for (Path file : LEGACY) {
      try {
        if (Files.isReadable(file) && Files.readAllLines(file).contains("filter")) {
          tables.add(
              "iptables-legacy filter table ("
                  + file.getFileName()
                  + "), which was not read: iptables-legacy -S OUTPUT");
        }
      } catch (IOException unreadable) {
        // Only root may read it, and nft then says so too.
      }
    }
    return tables;
  }

  @Override
  public List<String> nameServers() {
    return new LinuxDns().currentServers();
  }
}
