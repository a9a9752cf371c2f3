package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.util.Map;
import java.util.Optional;

/**
 * Copies of a device's secrets, for {@code wg showconf}. Off-heap; wiped by {@link #close}. One
 * thread at a time.
 */
public final class DeviceSecrets implements AutoCloseable {
  private final Optional<SecretKey> privateKey;
  private final Map<PublicKey, SecretKey> presharedKeys;

  DeviceSecrets(Optional<SecretKey> privateKey, Map<PublicKey, SecretKey> presharedKeys) {
    this.privateKey = privateKey;
    this.presharedKeys = Map.copyOf(presharedKeys);
  }

  /** The device's private key, if one is set. */
  public Optional<SecretKey> privateKey() {
    return privateKey;
  }

  /** A peer's preshared key, if one is set. */
  public Optional<SecretKey> presharedKey(PublicKey peer) {
    return Optional.ofNullable(presharedKeys.get(peer));
  }

  @Override
  public void close() {
    privateKey.ifPresent(SecretKey::close);
    presharedKeys.values().forEach(SecretKey::close);
  }
}
