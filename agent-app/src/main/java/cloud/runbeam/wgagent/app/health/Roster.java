package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The configured peers of one network by their public keys, so that looking at 10,000 peers does
 * not mean comparing each with each.
 */
public final class Roster {
  private final Map<PublicKey, PeerConfig> peers;

  private Roster(Map<PublicKey, PeerConfig> peers) {
    this.peers = peers;
  }

  /** The peers of {@code network}. */
  public static Roster of(NetworkConfig network) {
    Map<PublicKey, PeerConfig> peers = HashMap.newHashMap(network.peers().size());
    network.peers().forEach(peer -> peers.put(peer.publicKey(), peer));
    return new Roster(peers);
  }

  /** The name of a peer; one that was added by other means is known by its public key. */
  public String name(PublicKey peer) {
    return find(peer).map(PeerConfig::name).orElseGet(peer::toBase64);
  }

  /** Whether the configuration says where the peer is, so that it can be called. */
  boolean isCalledByUs(PublicKey peer) {
    return find(peer).map(configured -> !configured.endpoints().isEmpty()).orElse(false);
  }

  private Optional<PeerConfig> find(PublicKey peer) {
    return Optional.ofNullable(peers.get(peer));
  }
}
