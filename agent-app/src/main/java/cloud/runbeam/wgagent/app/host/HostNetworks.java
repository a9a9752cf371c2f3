package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.zip.CRC32C;

/**
 * What all networks of this agent have changed on this machine. Whoever makes one holds the {@link
 * AgentLock} of the state directory, and calls {@link #recover} before anything else. Any thread.
 */
public final class HostNetworks {
  private static final String KILL_SWITCH = "wg_agent_killswitch";

  private final Machine machine;
  private final JournalStore journals;
  private final Map<String, HostNetwork> networks = new ConcurrentHashMap<>();

  /**
   * Changes nothing yet.
   *
   * @param killSwitchName what the kill switch of this agent is called on the machine
   */
  public HostNetworks(PlatformPlugin platform, JournalStore journals, String killSwitchName) {
    this.journals = journals;
    this.machine =
        new Machine(
            platform,
            new Fence(platform.killSwitch(), killSwitchName),
            new MarkedSources(platform.policyRouting()),
            new FreeNumbers(platform.policyRouting()));
  }

  /** With journals in a state directory; changes nothing yet. */
  public static HostNetworks of(PlatformPlugin platform, Path stateDir) {
    return new HostNetworks(
        platform,
        new FileJournalStore(stateDir, platform.networkEpoch()),
        killSwitchName(stateDir));
  }

  /**
   * What the kill switch of the agent with that state directory is called: two agents must not take
   * each other's away.
   */
  public static String killSwitchName(Path stateDir) {
    if (stateDir.equals(Path.of("/var/lib/wg-agent"))) {
      return KILL_SWITCH;
    }
    CRC32C crc = new CRC32C();
    crc.update(stateDir.toString().getBytes(StandardCharsets.UTF_8));
    return KILL_SWITCH + "_" + HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** The network of that name; always the same object. */
  public HostNetwork network(String name) {
    return networks.computeIfAbsent(name, unknown -> new HostNetwork(unknown, machine, journals));
  }

  /**
   * Undoes what an agent before this one has left; to be called before any network is asked for.
   *
   * @param keepsKillSwitch whether a network's kill switch is to stay, because the network is still
   *     configured to have one
   */
  public List<Leftover> recover(Predicate<String> keepsKillSwitch) {
    Recovery recovery = new Recovery(machine, journals, keepsKillSwitch, false);
    List<Leftover> found = recovery.run();
    recovery
        .kept()
        .forEach((network, entry) -> network(network).inherit(entry.getValue(), entry.getKey()));
    return found;
  }

  /** What an agent has left; nothing is changed. */
  public List<Leftover> leftovers() {
    return cleanup(true);
  }

  /**
   * Undoes everything that an agent has left, the kill switch too. No agent may be running.
   *
   * @param dryRun whether only to tell what would be done
   */
  public List<Leftover> cleanup(boolean dryRun) {
    List<Leftover> found =
        new ArrayList<>(new Recovery(machine, journals, _ -> false, dryRun).run());
    boolean known = found.stream().anyMatch(leftover -> leftover.what().startsWith("kill switch"));
    if (!known) {
      strayKillSwitch(dryRun, found);
    }
    return found;
  }

  /** One that no journal speaks of, because somebody has removed the journal. */
  private void strayKillSwitch(boolean dryRun, List<Leftover> found) {
    try {
      if (machine.fence().stands()) {
        if (!dryRun) {
          machine.fence().lift();
        }
        found.add(new Leftover("", "kill switch", Leftover.Outcome.UNDONE, ""));
      }
    } catch (PlatformException unknown) {
      // Without the means to look for one, none was raised either.
      return;
    }
  }
}
