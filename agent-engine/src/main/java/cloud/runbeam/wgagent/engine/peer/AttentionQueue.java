package cloud.runbeam.wgagent.engine.peer;

/**
 * Where peers line up for the conductor. Implemented by the conductor's inbox; any thread may
 * offer.
 */
@FunctionalInterface
public interface AttentionQueue {
  /**
   * Puts a peer in line and wakes the conductor if it sleeps.
   *
   * @return false when the line is full; the caller's next packet asks again
   */
  boolean offer(Peer peer);
}
