package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What all networks of this agent have changed on this machine. Any thread. */
public final class HostNetworks {
  private final Machine machine;
  private final JournalStore journals;
  private final Map<String, HostNetwork> networks = new ConcurrentHashMap<>();

  /** Changes nothing yet. */
  public HostNetworks(PlatformPlugin platform, JournalStore journals) {
    this.journals = journals;
    this.machine =
        new Machine(
            platform,
            new Fence(platform.killSwitch(), "wg_agent_killswitch"),
            new MarkedSources(platform.policyRouting()),
            new FreeNumbers(platform.policyRouting()));
  }

  /** The network of that name; always the same object. */
  public HostNetwork network(String name) {
    return networks.computeIfAbsent(
        name, unknown -> new HostNetwork(unknown, machine, journals));
  }
}
