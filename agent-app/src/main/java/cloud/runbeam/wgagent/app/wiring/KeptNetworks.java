package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import java.util.List;

/**
 * Networks of the control API that a former run of the agent was asked to keep, as found at the
 * start.
 *
 * @param networks by name
 */
record KeptNetworks(List<NetworkConfig> networks) {
  /** Copies the list. */
  KeptNetworks {
    networks = List.copyOf(networks);
  }
}
