package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.Optional;

/** Facts of a platform that cannot be asked. */
final class NoHostFacts implements HostFacts {
  @Override
  public RouteFact route(IpPrefix address, int fwmark) {
    return RouteFact.of(Verdict.UNKNOWN);
  }

  @Override
  public Optional<LinkFact> link(String interfaceName) {
    return Optional.empty();
  }

  @Override
  public FirewallFact firewall() {
    return FirewallFact.unknown("this platform's packet filter cannot be read");
  }

  @Override
  public List<String> nameServers() {
    return List.of();
  }
}
