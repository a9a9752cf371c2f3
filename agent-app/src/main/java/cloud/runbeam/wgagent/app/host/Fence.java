package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The kill switch of this agent. There is one for all networks, because two firewalls that each let
 * out only their own tunnel would block each other. Any thread.
 */
final class Fence {
  private final KillSwitch killSwitch;
  private final String name;
  private final Map<String, KillSwitch.Tunnel> tunnels = new LinkedHashMap<>();

  /**
   * None stands yet as far as this object knows.
   *
   * @param name what it is called on this machine
   */
  Fence(KillSwitch killSwitch, String name) {
    this.killSwitch = killSwitch;
    this.name = name;
  }

  /** Lets the network's tunnel through, and nothing that was not let through before. */
  synchronized void enter(String network, KillSwitch.Tunnel tunnel) throws PlatformException {
    Map<String, KillSwitch.Tunnel> next = new LinkedHashMap<>(tunnels);
    next.put(network, tunnel);
    killSwitch.enforce(name, List.copyOf(next.values()));
    tunnels.put(network, tunnel);
  }

  /** Forgets the network's tunnel; without any tunnel left the fence goes. */
  synchronized void leave(String network) throws PlatformException {
    Map<String, KillSwitch.Tunnel> next = new LinkedHashMap<>(tunnels);
    next.remove(network);
    if (next.isEmpty()) {
      killSwitch.lift(name);
    } else {
      killSwitch.enforce(name, List.copyOf(next.values()));
    }
    tunnels.remove(network);
  }

  /** Knows of a tunnel that an agent before this one let through; changes nothing. */
  synchronized void remember(String network, KillSwitch.Tunnel tunnel) {
    tunnels.put(network, tunnel);
  }

  /** Whether it stands on this machine, whoever raised it. */
  boolean stands() throws PlatformException {
    return killSwitch.stands(name);
  }

  /** Takes it away although no journal speaks of it. */
  synchronized void lift() throws PlatformException {
    killSwitch.lift(name);
    tunnels.clear();
  }

  /** The first gap that reading it back finds, in words. */
  synchronized Optional<String> leak() throws PlatformException {
    return killSwitch.leak(name, List.copyOf(tunnels.values()));
  }
}
