package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.engine.status.PeerSnapshot;

/**
 * Whether a peer answers, told from the engine's counters as seen about once a second.
 *
 * <pre>
 *   quiet ──initiation sent──▶ calling ──{@value #ATTEMPT_SECONDS} s without answer──▶ overdue
 *     ▲──────handshake completed──┘ │ ◀── another endpoint is tried ──────────────────────┘
 *     ▲──────no initiation for {@value #QUIET_SECONDS} s: nobody wants the peer any more
 * </pre>
 *
 * <p>Initiations are 5 s apart (paper, section 6.1), so that three are sent before an endpoint is
 * given up. Under the network's lock.
 */
final class PeerCalls {
  static final long ATTEMPT_SECONDS = 15;
  static final long QUIET_SECONDS = 12;

  private static final long SECOND_NS = 1_000_000_000L;

  private long initiated;
  private long completed;
  private long lastInitiationNs;
  private long unansweredSinceNs;
  private boolean calling;

  /** Counts from here on. */
  PeerCalls(long initiated, long completed) {
    this.initiated = initiated;
    this.completed = completed;
  }

  /** Looks at the peer; whether handshakes were completed since the last look. */
  boolean observe(PeerSnapshot peer, long nowNs) {
    boolean answered = peer.handshakesCompleted() != completed;
    boolean called = peer.handshakesInitiated() != initiated;
    completed = peer.handshakesCompleted();
    initiated = peer.handshakesInitiated();
    if (answered) {
      calling = false;
    } else if (called) {
      lastInitiationNs = nowNs;
      if (!calling) {
        calling = true;
        unansweredSinceNs = nowNs;
      }
    } else if (calling && nowNs - lastInitiationNs > QUIET_SECONDS * SECOND_NS) {
      calling = false;
    }
    return answered;
  }

  /** Whether the endpoint in use was called for long enough. */
  boolean isOverdue(long nowNs) {
    return calling && nowNs - unansweredSinceNs >= ATTEMPT_SECONDS * SECOND_NS;
  }

  /** Another endpoint is tried: its time begins now. */
  void beginAnew(long nowNs) {
    unansweredSinceNs = nowNs;
  }
}
