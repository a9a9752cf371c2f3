package cloud.runbeam.wgagent.app.rotation;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.util.Optional;

/** Hears how a rotation goes, on the thread that moves it on. */
@FunctionalInterface
public interface RotationListener {
  /**
   * A rotation began, a peer moved, or it ended.
   *
   * @param status how it stands now
   * @param movedPeer the peer that moved, if that is what happened
   * @param reason why it ended, for people, if it ended by itself
   */
  void happened(RotationStatus status, Optional<PublicKey> movedPeer, Optional<String> reason);
}
