package cloud.runbeam.wgagent.engine.peer;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happened at handshakes, for snapshots. The conductor writes; any thread reads single values
 * that need not fit each other.
 */
public final class HandshakeLog {
  private volatile long initiated;
  private volatile long completed;
  private volatile long failed;
  private volatile long unanswered;
  private volatile long roundTripNs = -1;
  private volatile @Nullable Instant last;
  private volatile @Nullable PublicKey localIdentity;

  // Conductor only.
  private long initiatedAtNs;

  /** An initiation left. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // the conductor is the only writer
  public void initiationSent(long nowNs) {
    initiated++;
    unanswered++;
    initiatedAtNs = nowNs;
  }

  /** A response to our last initiation was accepted. */
  public void responseAccepted(long nowNs) {
    roundTripNs = nowNs - initiatedAtNs;
  }

  /** A keypair came of a handshake with {@code identity}, one of ours, in either role. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // the conductor is the only writer
  public void sessionDerived(PublicKey identity, Instant now) {
    localIdentity = identity;
    completed++;
    unanswered = 0;
    last = now;
  }

  /**
   * The peer is known, from before this process, to have made a handshake with {@code identity}.
   */
  public void recall(PublicKey identity) {
    localIdentity = identity;
  }

  /** A handshake was given up after its last retry. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // the conductor is the only writer
  public void gaveUp() {
    failed++;
  }

  /** Initiations sent, retries included. */
  public long initiated() {
    return initiated;
  }

  /** Keypairs that came of handshakes. */
  public long completed() {
    return completed;
  }

  /** Our public key in the last handshake that led to a keypair. */
  public Optional<PublicKey> localIdentity() {
    return Optional.ofNullable(localIdentity);
  }

  /** Handshakes that were given up after all their retries. */
  public long failed() {
    return failed;
  }

  /** Initiations sent since the last keypair came of a handshake. */
  public long unanswered() {
    return unanswered;
  }

  /** Initiation to response, of the last handshake that we initiated. */
  public Optional<Duration> roundTrip() {
    long ns = roundTripNs;
    return ns < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(ns));
  }

  /** When the last keypair came of a handshake. */
  public Optional<Instant> last() {
    return Optional.ofNullable(last);
  }
}
