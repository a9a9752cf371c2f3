package cloud.runbeam.wgagent.engine.peer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.testkit.TestPeers;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Packet threads ask the conductor for attention: whatever was asked is answered. */
public final class PeerAttentionStress {
  private PeerAttentionStress() {}

  /** What the timer wheel promises: a request leads to a look that begins after it. */
  private static final class Requests implements Runnable {
    private final AtomicBoolean requested = new AtomicBoolean();

    @Override
    public void run() {
      requested.set(true);
    }

    /** What the conductor takes if it looks now, 0 if nobody asked it to. */
    int look(Peer peer) {
      return requested.getAndSet(false) ? peer.takeAttention() : 0;
    }
  }

  /** Both packet threads ask at once. */
  @JCStressTest
  @Outcome(id = "9, 0", expect = ACCEPTABLE, desc = "One look for both wishes.")
  @Outcome(expect = FORBIDDEN, desc = "A wish was lost.")
  @State
  public static class WishesShareALook {
    private final Requests requests = new Requests();
    private final Peer peer = TestPeers.peer(requests);

    @Actor
    public void outbound() {
      peer.ask(Attention.PACKETS_STAGED);
    }

    @Actor
    public void inbound() {
      peer.ask(Attention.HANDSHAKE_WANTED);
    }

    @Arbiter
    public void after(II_Result result) {
      result.r1 = requests.look(peer);
      result.r2 = requests.look(peer);
    }
  }

  /** A wish comes while the conductor answers another one. */
  @JCStressTest
  @Outcome(id = "9, 0", expect = ACCEPTABLE, desc = "Just in time for this answer.")
  @Outcome(id = "1, 8", expect = ACCEPTABLE, desc = "The conductor looks again.")
  @Outcome(expect = FORBIDDEN, desc = "The wish was lost.")
  @State
  public static class WishDuringAnswerIsNotLost {
    private final Requests requests = new Requests();
    private final Peer peer = TestPeers.peer(requests);

    public WishDuringAnswerIsNotLost() {
      peer.ask(Attention.HANDSHAKE_WANTED);
    }

    @Actor
    public void outbound() {
      peer.ask(Attention.PACKETS_STAGED);
    }

    @Actor
    public void conductor(II_Result result) {
      result.r1 = requests.look(peer);
    }

    @Arbiter
    public void after(II_Result result) {
      result.r2 = requests.look(peer);
    }
  }

  /**
   * The same wish comes again while the conductor answers it; what it is about was written before.
   */
  @JCStressTest
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Answered before the news: asked again.")
  @Outcome(id = "7, 0", expect = ACCEPTABLE, desc = "The answer takes the news into account.")
  @Outcome(id = "7, 1", expect = ACCEPTABLE, desc = "And is asked for once more, needlessly.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The news came too late for this answer, and there is no other.")
  @State
  public static class RepeatedWishIsNotTakenForAnswered {
    private final Requests requests = new Requests();
    private final Peer peer = TestPeers.peer(requests);
    private volatile int news;

    public RepeatedWishIsNotTakenForAnswered() {
      peer.ask(Attention.HANDSHAKE_WANTED);
    }

    @Actor
    public void outbound() {
      news = 7;
      peer.ask(Attention.HANDSHAKE_WANTED);
    }

    @Actor
    public void conductor(II_Result result) {
      requests.look(peer);
      result.r1 = news;
    }

    @Arbiter
    public void after(II_Result result) {
      result.r2 = requests.look(peer);
    }
  }
}
