package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;

/**
 * A static key pair of this device. A device has one, or two while its key is being rotated, so
 * every handshake operation is told which.
 *
 * <p>Compared by object: the same key loaded twice is two identities.
 */
public final class LocalIdentity implements AutoCloseable {
  private final KeyArena arena;
  private final SecretKey privateKey;
  private final PublicKey publicKey;

  /**
   * The identity of {@code privateKey}, which belongs to it from now on and is clamped if it was
   * not.
   *
   * @param arena where handshakes under this identity keep their secrets
   */
  public LocalIdentity(KeyArena arena, SecretKey privateKey) {
    privateKey.clamp();
    this.arena = arena;
    this.privateKey = privateKey;
    this.publicKey = privateKey.publicKey();
  }

  /** The private key; stays with the identity. */
  public SecretKey privateKey() {
    return privateKey;
  }

  /** The public key. */
  public PublicKey publicKey() {
    return publicKey;
  }

  KeyArena arena() {
    return arena;
  }

  /** Wipes the private key. Handshakes must have forgotten the identity before. */
  @Override
  public void close() {
    privateKey.close();
  }

  /** The public key. */
  @Override
  public String toString() {
    return publicKey.toString();
  }
}
