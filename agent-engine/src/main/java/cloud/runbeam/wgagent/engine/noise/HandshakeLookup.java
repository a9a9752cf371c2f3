package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import org.jspecify.annotations.Nullable;

/** Finds the handshake of a peer, once its initiation has said who it is. */
@FunctionalInterface
public interface HandshakeLookup {
  /** The handshake of the peer with this static key, or null if there is none. */
  @Nullable Handshake find(PublicKey remoteStatic);
}
