package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import java.time.Duration;
import java.util.Optional;

/**
 * One network at one moment. No secrets.
 *
 * @param config as started, or as it would be
 * @param state where it is in its life
 * @param failure why it is in {@link TunnelState#ERROR}, with what to do
 * @param uptime since it became active
 * @param device what the engine says, while there is a device
 */
public record NetworkStatus(
    NetworkConfig config,
    TunnelState state,
    Optional<String> failure,
    Optional<Duration> uptime,
    Optional<DeviceSnapshot> device) {

  /** The network's name. */
  public String name() {
    return config.name();
  }

  /** The interface's name as the system knows it now. */
  public String interfaceName() {
    return device.map(DeviceSnapshot::interfaceName).orElse(config.interfaceName());
  }

  /**
   * The name of a peer in the configuration; a peer added by other means is known by its public
   * key.
   */
  public String peerName(PublicKey peer) {
    return config.peers().stream()
        .filter(configured -> configured.publicKey().equals(peer))
        .map(PeerConfig::name)
        .findFirst()
        .orElseGet(peer::toBase64);
  }
}
