package cloud.runbeam.wgagent.engine.peer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.testkit.TestPeers;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Packet threads ask the conductor for attention: whatever was asked is answered, and a peer stands
 * in line once at most.
 */
public final class PeerAttentionStress {
  private PeerAttentionStress() {}

  /** A line that counts how often the peer stands in it. */
  private static final class Line implements AttentionQueue {
    private final AtomicInteger entries = new AtomicInteger();

    @Override
    public boolean offer(Peer peer) {
      entries.incrementAndGet();
      return true;
    }

    /** What a conductor would take out of the line now, 0 if nobody stands in it. */
    int take(Peer peer) {
      int standing = entries.get();
      if (standing == 0) {
        return 0;
      }
      entries.decrementAndGet();
      return standing > 1 ? -1 : peer.takeAttention();
    }
  }

  /** Both packet threads ask at once. */
  @JCStressTest
  @Outcome(id = "9, 0", expect = ACCEPTABLE, desc = "One place in line for both wishes.")
  @Outcome(expect = FORBIDDEN, desc = "A wish was lost, or the peer stands in line twice.")
  @State
  public static class WishesShareAPlace {
    private final Line line = new Line();
    private final Peer peer = TestPeers.peer(line);

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
      result.r1 = line.take(peer);
      result.r2 = line.take(peer);
    }
  }

  /** A wish comes while the conductor answers another one. */
  @JCStressTest
  @Outcome(id = "9, 0", expect = ACCEPTABLE, desc = "Just in time for this answer.")
  @Outcome(id = "1, 8", expect = ACCEPTABLE, desc = "The peer stands in line again.")
  @Outcome(expect = FORBIDDEN, desc = "The wish was lost.")
  @State
  public static class WishDuringAnswerIsNotLost {
    private final Line line = new Line();
    private final Peer peer = TestPeers.peer(line);

    public WishDuringAnswerIsNotLost() {
      peer.ask(Attention.HANDSHAKE_WANTED);
    }

    @Actor
    public void outbound() {
      peer.ask(Attention.PACKETS_STAGED);
    }

    @Actor
    public void conductor(II_Result result) {
      result.r1 = line.take(peer);
    }

    @Arbiter
    public void after(II_Result result) {
      result.r2 = line.take(peer);
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
    private final Line line = new Line();
    private final Peer peer = TestPeers.peer(line);
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
      line.take(peer);
      result.r1 = news;
    }

    @Arbiter
    public void after(II_Result result) {
      result.r2 = line.take(peer);
    }
  }
}
