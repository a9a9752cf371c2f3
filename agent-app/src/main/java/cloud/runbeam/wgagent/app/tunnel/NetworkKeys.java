package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.config.UnusableKeyException;
import cloud.runbeam.wgagent.app.tunnel.NetworkComparison.KeyChanges;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.DeviceSecrets;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets of one network as they stand on disk at this moment. Whoever takes one owns it; those
 * that nobody took are wiped at the end. One thread.
 */
final class NetworkKeys implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NetworkKeys.class);

  private final KeyArena arena;
  private @Nullable SecretKey privateKey;
  private final Map<PublicKey, SecretKey> presharedKeys = new HashMap<>();

  private NetworkKeys(KeyArena arena) {
    this.arena = arena;
  }

  /**
   * Makes the private key's file where the configuration asks for that and nothing stands there.
   *
   * @throws TunnelException if it cannot be written
   */
  static void generateIfMissing(NetworkConfig config, TunnelPorts ports) throws TunnelException {
    try {
      if (ports
          .keys()
          .generateIfMissing(
              config.privateKey(), ports.engine().keys(), ports.platform().entropy())) {
        log.info("network {}: made a new {}", config.name(), config.privateKey().describe());
      }
    } catch (UnusableKeyException unusable) {
      throw unusable(unusable);
    }
  }

  /**
   * Reads them all. A private key that would be made by {@link #generateIfMissing} counts as
   * another one.
   *
   * @throws TunnelException if one cannot be used
   */
  static NetworkKeys read(NetworkConfig config, TunnelPorts ports) throws TunnelException {
    NetworkKeys keys = new NetworkKeys(ports.engine().keys());
    try {
      if (!ports.keys().wouldGenerate(config.privateKey())) {
        SecretKey read = ports.keys().read(config.privateKey(), keys.arena);
        read.clamp();
        keys.privateKey = read;
      }
      for (PeerConfig peer : config.peers()) {
        if (peer.presharedKey().isPresent()) {
          KeySource source = peer.presharedKey().get();
          keys.presharedKeys.put(peer.publicKey(), ports.keys().read(source, keys.arena));
        }
      }
      return keys;
    } catch (UnusableKeyException unusable) {
      keys.close();
      throw unusable(unusable);
    }
  }

  private static TunnelException unusable(UnusableKeyException unusable) {
    return new TunnelException(
        TunnelException.Reason.CONFIG, String.valueOf(unusable.getMessage()), unusable);
  }

  /** The private key, once. */
  Optional<SecretKey> takePrivateKey() {
    SecretKey key = privateKey;
    privateKey = null;
    return Optional.ofNullable(key);
  }

  /** The peer's preshared key, once; a key of zeros, which takes the old one away, if none is. */
  SecretKey takePresharedKey(PublicKey peer) {
    SecretKey key = presharedKeys.remove(peer);
    return key == null ? arena.allocate() : key;
  }

  /** The peer's preshared key, once, if it has one. */
  Optional<SecretKey> takePresharedKeyIfAny(PublicKey peer) {
    return Optional.ofNullable(presharedKeys.remove(peer));
  }

  /** Which of them are others than those in use. */
  KeyChanges changesFrom(WireGuardDevice device) throws DeviceException {
    SecretKey own = privateKey;
    boolean identity = own == null || !isOf(device.snapshot(), own.publicKey());
    if (presharedKeys.isEmpty()) {
      return new KeyChanges(identity, Set.of());
    }
    try (DeviceSecrets used = device.copySecrets()) {
      Set<PublicKey> changed = new HashSet<>();
      presharedKeys.forEach((peer, key) -> {
        boolean same =
            used.presharedKey(peer)
                .map(before -> SecretKey.equal(before, key))
                .orElseGet(key::isZero);
        if (!same) {
          changed.add(peer);
        }
      });
      return new KeyChanges(identity, changed);
    }
  }

  /** While the key is being rotated, its file holds the former one. */
  private static boolean isOf(DeviceSnapshot device, PublicKey key) {
    Optional<PublicKey> wanted = Optional.of(key);
    return device.publicKey().equals(wanted) || device.formerPublicKey().equals(wanted);
  }

  @Override
  public void close() {
    takePrivateKey().ifPresent(SecretKey::close);
    presharedKeys.values().forEach(SecretKey::close);
    presharedKeys.clear();
  }
}
