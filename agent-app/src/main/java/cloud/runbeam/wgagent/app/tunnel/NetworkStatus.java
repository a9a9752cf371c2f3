package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.host.HostStatus;
import cloud.runbeam.wgagent.app.rotation.RotationStatus;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One network at one moment. No secrets.
 *
 * @param config as started, or as it would be
 * @param state where it is in its life
 * @param failure why it is in {@link TunnelState#ERROR}, with what to do
 * @param uptime since it became active
 * @param device what the engine says, while there is a device
 * @param source where the settings come from
 * @param persistent whether settings of the API are kept for the next start of the agent
 * @param endpointProblems peers whose endpoint cannot be found at present, with the reason and what
 *     to do
 * @param host how it stands on this machine (DNS, kill switch, routing table), as last looked at
 * @param rotation the rotation of its key, while one is in progress
 */
public record NetworkStatus(
    NetworkConfig config,
    TunnelState state,
    Optional<String> failure,
    Optional<Duration> uptime,
    Optional<DeviceSnapshot> device,
    NetworkSource source,
    boolean persistent,
    Map<PublicKey, String> endpointProblems,
    Optional<HostStatus> host,
    Optional<RotationStatus> rotation) {

  /** Copies the map. */
  public NetworkStatus {
    endpointProblems = Map.copyOf(endpointProblems);
  }

  /** A network of the file without problems. */
  public NetworkStatus(
      NetworkConfig config,
      TunnelState state,
      Optional<String> failure,
      Optional<Duration> uptime,
      Optional<DeviceSnapshot> device) {
    this(
        config,
        state,
        failure,
        uptime,
        device,
        NetworkSource.FILE,
        false,
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }

  /** The network's name. */
  public String name() {
    return config.name();
  }

  /** The interface's name as the system knows it now. */
  public String interfaceName() {
    return device.map(DeviceSnapshot::interfaceName).orElse(config.interfaceName());
  }

  /** What is wrong with the endpoint of a peer, if anything is. */
  public Optional<String> endpointProblem(PublicKey peer) {
    return Optional.ofNullable(endpointProblems.get(peer));
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
