package cloud.runbeam.wgagent.app.tunnel;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How networks stood at one moment. */
record Checkpoint(Map<String, Saved> networks) {
  static Checkpoint of(Collection<Tunnel> tunnels) {
    Map<String, Saved> networks = new LinkedHashMap<>();
    tunnels.forEach(tunnel -> networks.put(tunnel.name(), Saved.of(tunnel)));
    return new Checkpoint(networks);
  }

  Optional<Saved> of(String network) {
    return Optional.ofNullable(networks.get(network));
  }

  /**
   * One network.
   *
   * @param settings what it was meant to be
   * @param up whether it was up
   */
  record Saved(Settings settings, boolean up) {
    static Saved of(Tunnel tunnel) {
      return new Saved(tunnel.settings(), tunnel.running().isPresent());
    }
  }
}
