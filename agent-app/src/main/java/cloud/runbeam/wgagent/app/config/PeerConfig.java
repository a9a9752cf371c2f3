package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.Optional;

/**
 * One peer of a network.
 *
 * @param name unique in its network; the start of the public key where the file gives none
 * @param publicKey unique in its network
 * @param presharedKey where the preshared key comes from, if there is one
 * @param endpoints tried in order; empty for a peer that calls us
 * @param allowedIps host bits cleared, in the order of the file
 * @param persistentKeepaliveSeconds 0 for off
 * @param probe an address inside the tunnel, if one is to be pinged
 * @param key path of the peer's table, e.g. {@code network.default.peers[0]}
 * @param position where the peer's table begins
 */
public record PeerConfig(
    String name,
    PublicKey publicKey,
    Optional<KeySource> presharedKey,
    List<EndpointName> endpoints,
    List<IpPrefix> allowedIps,
    int persistentKeepaliveSeconds,
    Optional<IpPrefix> probe,
    String key,
    Position position) {

  /** Copies the lists. */
  public PeerConfig {
    endpoints = List.copyOf(endpoints);
    allowedIps = List.copyOf(allowedIps);
  }

  /** The same peer with other prefixes. */
  public PeerConfig withAllowedIps(List<IpPrefix> prefixes) {
    return new PeerConfig(
        name,
        publicKey,
        presharedKey,
        endpoints,
        prefixes,
        persistentKeepaliveSeconds,
        probe,
        key,
        position);
  }
}
