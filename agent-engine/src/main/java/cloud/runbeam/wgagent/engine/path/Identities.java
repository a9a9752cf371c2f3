package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who this device is: nobody, one key pair, or two while the key is being rotated.
 *
 * <pre>
 *             set                begin                 commit: the former one goes
 *   nobody ────────▶ own ─────────────────▶ own, former ──────────────────────────▶ own
 *                                              └── abort: the former one is the own again, the new one goes
 * </pre>
 *
 * <p>While there are two, both are answered for, and each peer moves at its first handshake with
 * the new one. Changed by the conductor; the public keys may be read by any thread.
 */
final class Identities {
  private final DevicePath.Parts parts;

  private @Nullable OwnIdentity own;
  private @Nullable OwnIdentity former;

  // Read by snapshots.
  private volatile @Nullable PublicKey publicKey;
  private volatile @Nullable PublicKey formerPublicKey;

  Identities(DevicePath.Parts parts) {
    this.parts = parts;
  }

  @Nullable OwnIdentity own() {
    return own;
  }

  @Nullable OwnIdentity former() {
    return former;
  }

  boolean isRotating() {
    return former != null;
  }

  /** The device's public key, the new one during a rotation. Any thread. */
  Optional<PublicKey> publicKey() {
    return Optional.ofNullable(publicKey);
  }

  /** The public key that is being replaced. Any thread. */
  Optional<PublicKey> formerPublicKey() {
    return Optional.ofNullable(formerPublicKey);
  }

  /**
   * Becomes another, or nobody; not during a rotation. The identity before is the caller's to
   * close.
   */
  void set(@Nullable SecretKey privateKey) {
    become(privateKey == null ? null : OwnIdentity.of(privateKey, parts), null);
  }

  /** Becomes another while the present identity is still answered for. */
  void begin(SecretKey privateKey) {
    become(OwnIdentity.of(privateKey, parts), own);
  }

  /** Ends a rotation; the identity that goes is the caller's to close. */
  @Nullable OwnIdentity end(boolean commit) {
    OwnIdentity gone = commit ? former : own;
    become(commit ? own : former, null);
    return gone;
  }

  private void become(@Nullable OwnIdentity now, @Nullable OwnIdentity before) {
    own = now;
    former = before;
    publicKey = now == null ? null : now.identity().publicKey();
    formerPublicKey = before == null ? null : before.identity().publicKey();
  }

  /** Whom a handshake message is meant for, by its MAC1 (paper, section 5.4.4); null for nobody. */
  @Nullable OwnIdentity addressee(MemorySegment message, int bytes) {
    OwnIdentity first = own;
    if (first != null && first.mac1().verify(message, 0, bytes)) {
      return first;
    }
    OwnIdentity second = former;
    return second != null && second.mac1().verify(message, 0, bytes) ? second : null;
  }

  /** Whether the peer's last session was made with the identity of now. */
  boolean hasMoved(PeerDesk desk) {
    return desk.peer().handshakeLog().localIdentity().equals(publicKey());
  }

  /**
   * As whom to call a peer. During a rotation as the new one, and if the peer does not answer, as
   * the former one, in turn. Without a session nothing can wait, so that a peer which has not moved
   * is called by the name it is known to know first.
   */
  @Nullable LocalIdentity caller(PeerDesk desk, boolean retry, boolean hasSession) {
    OwnIdentity present = own;
    OwnIdentity past = former;
    if (present == null) {
      return null;
    }
    if (past == null || hasMoved(desk)) {
      return present.identity();
    }
    boolean presentFirst = hasSession;
    if (retry && desk.initiatedAs() != null) {
      presentFirst = desk.initiatedAs() == past.identity();
    }
    return presentFirst ? present.identity() : past.identity();
  }
}
