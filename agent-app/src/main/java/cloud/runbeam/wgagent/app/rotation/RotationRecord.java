package cloud.runbeam.wgagent.app.rotation;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.time.Instant;
import java.util.Set;

/**
 * What is remembered of a rotation across restarts.
 *
 * @param previous the key before
 * @param next the new key
 * @param now whether it was asked for in one request
 * @param committing whether it was decided that the new key stays: what is left to do must be done
 * @param overlapUntil when it ends by itself
 * @param moved peers that have moved
 */
record RotationRecord(
    PublicKey previous,
    PublicKey next,
    boolean now,
    boolean committing,
    Instant overlapUntil,
    Set<PublicKey> moved) {

  RotationRecord {
    moved = Set.copyOf(moved);
  }

  RotationRecord withMoved(Set<PublicKey> peers) {
    return new RotationRecord(previous, next, now, committing, overlapUntil, peers);
  }

  RotationRecord withCommitting() {
    return new RotationRecord(previous, next, now, true, overlapUntil, moved);
  }

  RotationPhase phase() {
    return now ? RotationPhase.NOW : RotationPhase.BEGIN;
  }
}
