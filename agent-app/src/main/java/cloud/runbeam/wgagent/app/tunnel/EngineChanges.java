package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Says to the engine what the configuration says. Keys it takes belong to the change it makes. */
final class EngineChanges {
  private EngineChanges() {}

  /** A device that has nothing yet. */
  static DeviceChange whole(
      NetworkConfig config,
      int mark,
      NetworkKeys keys,
      Function<PublicKey, Optional<Endpoint>> endpoints) {
    List<PeerChange> peers = new ArrayList<>(config.peers().size());
    for (PeerConfig peer : config.peers()) {
      peers.add(newPeer(peer, keys, endpoints));
    }
    return new DeviceChange(
        keys.takePrivateKey(), Optional.of(config.listenPort()), Optional.of(mark), true, peers);
  }

  /** Port and mark alone: the only things that the system may refuse. */
  static DeviceChange sockets(int listenPort, int mark) {
    return new DeviceChange(
        Optional.empty(), Optional.of(listenPort), Optional.of(mark), false, List.of());
  }

  /** A peer's endpoint alone; nothing, if the peer is gone by now. */
  static DeviceChange endpoint(PublicKey peer, Endpoint endpoint) {
    return DeviceChange.ofPeers(
        List.of(
            new PeerChange(
                peer,
                false,
                true,
                Optional.empty(),
                Optional.of(endpoint),
                Optional.empty(),
                false,
                List.of(),
                List.of())));
  }

  /**
   * Identity and peers, as far as they differ: those that go first, so that their prefixes are
   * free. Peers that stay as they are do not occur.
   */
  static DeviceChange difference(
      NetworkConfig before,
      NetworkConfig after,
      NetworkComparison comparison,
      NetworkKeys keys,
      Function<PublicKey, Optional<Endpoint>> endpoints) {
    Map<PublicKey, PeerConfig> old = new HashMap<>();
    before.peers().forEach(peer -> old.put(peer.publicKey(), peer));
    Set<PublicKey> staying = new HashSet<>();
    after.peers().forEach(peer -> staying.add(peer.publicKey()));
    List<PeerChange> peers = new ArrayList<>();
    for (PeerConfig peer : before.peers()) {
      if (!staying.contains(peer.publicKey())) {
        peers.add(PeerChange.removal(peer.publicKey()));
      }
    }
    for (PeerConfig peer : after.peers()) {
      PeerConfig was = old.get(peer.publicKey());
      if (was == null) {
        peers.add(newPeer(peer, keys, endpoints));
      } else if (comparison.isEngineChanged(was, peer)) {
        peers.add(changedPeer(was, peer, comparison, keys, endpoints));
      }
    }
    Optional<SecretKey> identity =
        comparison.isPrivateKeyChanged() ? keys.takePrivateKey() : Optional.empty();
    return new DeviceChange(identity, Optional.empty(), Optional.empty(), false, peers);
  }

  /** Whether there is anything to tell. */
  static boolean isEmpty(DeviceChange change) {
    return change.privateKey().isEmpty() && change.peers().isEmpty();
  }

  /** Forgets the keys of a change that will not be made. */
  static void discard(DeviceChange change) {
    change.privateKey().ifPresent(SecretKey::close);
    change.peers().forEach(peer -> peer.presharedKey().ifPresent(SecretKey::close));
  }

  private static PeerChange newPeer(
      PeerConfig peer, NetworkKeys keys, Function<PublicKey, Optional<Endpoint>> endpoints) {
    return new PeerChange(
        peer.publicKey(),
        false,
        false,
        keys.takePresharedKeyIfAny(peer.publicKey()),
        endpoints.apply(peer.publicKey()),
        Optional.of(peer.persistentKeepaliveSeconds()),
        true,
        peer.allowedIps(),
        List.of());
  }

  /** Names what differs and nothing else: a peer may have roamed away from its endpoint. */
  private static PeerChange changedPeer(
      PeerConfig was,
      PeerConfig is,
      NetworkComparison comparison,
      NetworkKeys keys,
      Function<PublicKey, Optional<Endpoint>> endpoints) {
    boolean otherPrefixes = !Set.copyOf(was.allowedIps()).equals(Set.copyOf(is.allowedIps()));
    return new PeerChange(
        is.publicKey(),
        false,
        false,
        comparison.isPresharedKeyChanged(was, is)
            ? Optional.of(keys.takePresharedKey(is.publicKey()))
            : Optional.empty(),
        was.endpoints().equals(is.endpoints()) ? Optional.empty() : endpoints.apply(is.publicKey()),
        was.persistentKeepaliveSeconds() == is.persistentKeepaliveSeconds()
            ? Optional.empty()
            : Optional.of(is.persistentKeepaliveSeconds()),
        otherPrefixes,
        otherPrefixes ? is.allowedIps() : List.of(),
        List.of());
  }
}
