package cloud.runbeam.wgagent.engine.timer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A packet thread notes that something is owed while the conductor decides how long to sleep:
 * either the conductor takes the note into account, or the packet thread is told to wake it.
 */
public final class PeerTimersStress {
  private static final long NOW_NS = 1_000;

  private PeerTimersStress() {}

  private static PeerTimers timers() {
    return new PeerTimers(new SeededEntropy(1));
  }

  /**
   * Timers for which the conductor will look in 5 s because of an initiation. As soon as that is
   * answered, it will not look any more, and an event that relied on it would be forgotten.
   */
  private static PeerTimers timersOfAHandshake() {
    PeerTimers timers = timers();
    timers.handshakeInitiated(NOW_NS);
    timers.nextDeadlineNs();
    return timers;
  }

  /** Data leaves, which must be answered within 15 s. */
  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The conductor missed it and is woken.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The conductor saw it in time.")
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both: one needless wake-up.")
  @Outcome(expect = FORBIDDEN, desc = "Nobody will start the new handshake.")
  @State
  public static class SentDataIsWatched {
    private final PeerTimers timers = timersOfAHandshake();

    @Actor
    public void outbound(ZZ_Result result) {
      result.r1 = timers.dataSent(NOW_NS);
    }

    @Actor
    public void conductor(ZZ_Result result) {
      timers.handshakeComplete();
      result.r2 = timers.nextDeadlineNs() != PeerTimers.NONE;
    }
  }

  /** Data arrives, which must be answered within 10 s. */
  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The conductor missed it and is woken.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The conductor saw it in time.")
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both: one needless wake-up.")
  @Outcome(expect = FORBIDDEN, desc = "Nobody will send the keepalive.")
  @State
  public static class ReceivedDataIsAnswered {
    private final PeerTimers timers = timersOfAHandshake();

    @Actor
    public void inbound(ZZ_Result result) {
      result.r1 = timers.dataReceived(NOW_NS);
    }

    @Actor
    public void conductor(ZZ_Result result) {
      timers.handshakeComplete();
      result.r2 = timers.nextDeadlineNs() != PeerTimers.NONE;
    }
  }

  /** The persistent keepalive is due and sent while packets pass. */
  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The conductor missed it and is woken.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The conductor saw it in time.")
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both: one needless wake-up.")
  @Outcome(expect = FORBIDDEN, desc = "The persistent keepalive has stopped for good.")
  @State
  public static class PersistentKeepaliveGoesOn {
    private final PeerTimers timers = timers();

    public PersistentKeepaliveGoesOn() {
      timers.setPersistentKeepalive(1);
      timers.authenticatedPacketTraversal(NOW_NS);
      timers.nextDeadlineNs();
    }

    @Actor
    public void outbound(ZZ_Result result) {
      result.r1 = timers.authenticatedPacketTraversal(NOW_NS + 1_000_000_000);
    }

    @Actor
    public void conductor(ZZ_Result result) {
      timers.due(NOW_NS + 1_000_000_000);
      result.r2 = timers.nextDeadlineNs() != PeerTimers.NONE;
    }
  }

  /** Stopping while data is sent: whatever was noted, nothing is due afterwards. */
  @JCStressTest
  @Outcome(id = "0, false", expect = ACCEPTABLE, desc = "Nothing is left after the restart.")
  @Outcome(expect = FORBIDDEN, desc = "A note of before outlived the stop.")
  @State
  public static class StopForgetsNotes {
    private final PeerTimers timers = timers();

    @Actor
    public void outbound() {
      timers.dataSent(NOW_NS);
    }

    @Actor
    public void conductor() {
      timers.stop();
    }

    @Arbiter
    public void after(IZ_Result result) {
      timers.start();
      result.r1 = timers.due(Long.MAX_VALUE / 2);
      result.r2 = timers.nextDeadlineNs() != PeerTimers.NONE;
    }
  }
}
