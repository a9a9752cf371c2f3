package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import cloud.runbeam.wgagent.engine.peer.LocalIndex;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.timer.TimerWheel;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What only the conductor knows of a peer: where its timer is and which index its handshake in
 * progress has. Conductor only.
 */
public final class PeerDesk {
  private final DeviceConductor device;
  private final Peer peer;
  private final TimerWheel.Entry<PeerDesk> timer;

  /** The handshake in progress, if any, and the index it is found by. */
  private @Nullable LocalIndex pending;

  private int pendingIndex;

  /** Our identity in the last initiation that was not a question. */
  private @Nullable LocalIdentity initiatedAs;

  /** Whether the handshake in progress is a question whether the peer knows our new key. */
  private boolean asking;

  /** Whether this session's last-minute handshake was begun (kernel: sent_lastminute_handshake). */
  private boolean lastMinuteBegun;

  /**
   * A desk with its peer.
   *
   * @param newPeer makes the peer, which asks the conductor to look at it by running what it is
   *     given
   */
  PeerDesk(
      DeviceConductor device,
      TimerWheel<PeerDesk> wheel,
      ConductorWaker waker,
      Function<Runnable, Peer> newPeer) {
    this.device = device;
    TimerWheel.Entry<PeerDesk> entry = wheel.newEntry(this);
    this.timer = entry;
    this.peer =
        newPeer.apply(() -> {
          if (wheel.request(entry)) {
            waker.wake();
          }
        });
  }

  DeviceConductor device() {
    return device;
  }

  /** The peer. */
  public Peer peer() {
    return peer;
  }

  TimerWheel.Entry<PeerDesk> timer() {
    return timer;
  }

  @Nullable LocalIndex pending() {
    return pending;
  }

  int pendingIndex() {
    return pendingIndex;
  }

  void setPending(LocalIndex index, int value, boolean question) {
    pending = index;
    pendingIndex = value;
    asking = question;
  }

  void clearPending() {
    pending = null;
    pendingIndex = 0;
    asking = false;
  }

  boolean asking() {
    return asking;
  }

  @Nullable LocalIdentity initiatedAs() {
    return initiatedAs;
  }

  void setInitiatedAs(@Nullable LocalIdentity identity) {
    initiatedAs = identity;
  }

  boolean lastMinuteBegun() {
    return lastMinuteBegun;
  }

  void setLastMinuteBegun(boolean begun) {
    lastMinuteBegun = begun;
  }
}
