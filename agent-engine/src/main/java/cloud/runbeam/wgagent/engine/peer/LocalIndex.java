package cloud.runbeam.wgagent.engine.peer;

import cloud.runbeam.wgagent.engine.session.Keypair;
import org.jspecify.annotations.Nullable;

/**
 * What a local session index stands for: first a handshake of a peer in progress, then the keypair
 * that came of it, under the same index.
 *
 * <p>The conductor writes; the inbound thread reads by acquire.
 */
public final class LocalIndex {
  private final Peer peer;
  private volatile @Nullable Keypair keypair;

  /** An index of {@code peer} with a handshake in progress. */
  public LocalIndex(Peer peer) {
    this.peer = peer;
  }

  /** Whose it is. */
  public Peer peer() {
    return peer;
  }

  /** The keypair, or null while the handshake is in progress. */
  public @Nullable Keypair keypair() {
    return keypair;
  }

  /** Lets transport messages in; conductor. */
  public void open(Keypair derived) {
    keypair = derived;
  }
}
