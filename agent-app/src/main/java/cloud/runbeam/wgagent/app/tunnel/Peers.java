package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/** Networks that differ from others by one peer. */
final class Peers {
  private Peers() {}

  /**
   * With {@code peer} in the place of the one that has its public key, or at the end. Prefixes that
   * another peer has move over, as with {@code wg set}.
   *
   * @throws TunnelException if another peer has its name
   */
  static NetworkConfig with(NetworkConfig network, PeerConfig peer) throws TunnelException {
    List<PeerConfig> peers = new ArrayList<>(network.peers().size() + 1);
    boolean replaced = false;
    for (PeerConfig other : network.peers()) {
      if (other.publicKey().equals(peer.publicKey())) {
        peers.add(peer);
        replaced = true;
      } else if (other.name().equals(peer.name())) {
        throw new TunnelException(
            TunnelException.Reason.CONFIG,
            "network "
                + network.name()
                + ": \""
                + peer.name()
                + "\" is the name of another peer: give this one a name of its own, or remove the"
                + " other first");
      } else {
        peers.add(withoutPrefixes(other, peer.allowedIps()));
      }
    }
    if (!replaced) {
      peers.add(peer);
    }
    return network.withPeers(peers);
  }

  /**
   * Without the peer of that public key.
   *
   * @throws TunnelException if there is none
   */
  static NetworkConfig without(NetworkConfig network, PublicKey key) throws TunnelException {
    List<PeerConfig> peers =
        network.peers().stream().filter(peer -> !peer.publicKey().equals(key)).toList();
    if (peers.size() == network.peers().size()) {
      throw new TunnelException(
          TunnelException.Reason.CONFIG,
          "network "
              + network.name()
              + " has no peer with public key "
              + key.toBase64()
              + ": see \"status\" for those it has");
    }
    return network.withPeers(peers);
  }

  private static PeerConfig withoutPrefixes(PeerConfig peer, List<IpPrefix> taken) {
    List<IpPrefix> left =
        peer.allowedIps().stream().filter(prefix -> !taken.contains(prefix)).toList();
    return left.size() == peer.allowedIps().size() ? peer : peer.withAllowedIps(left);
  }
}
