package cloud.runbeam.wgagent.engine.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Two threads number messages of one keypair: no counter, which is a nonce, is given twice. */
public final class SendCounterStress {
  private SendCounterStress() {}

  /** Runs of two and of three. */
  @JCStressTest
  @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "The run of two came first.")
  @Outcome(id = "3, 0", expect = ACCEPTABLE, desc = "The run of three came first.")
  @Outcome(expect = FORBIDDEN, desc = "The runs overlap, or a counter was left out.")
  @State
  public static class RunsDoNotOverlap {
    private final SendCounter counter = new SendCounter();

    @Actor
    public void outbound(JJ_Result result) {
      result.r1 = counter.reserve(2);
    }

    @Actor
    public void conductor(JJ_Result result) {
      result.r2 = counter.reserve(3);
    }
  }

  /** Three counters are left, two threads want two each. */
  @JCStressTest
  @Outcome(
      id = "-8196, -1, -8194",
      expect = ACCEPTABLE,
      desc = "The first got two, the other none.")
  @Outcome(id = "-1, -8196, -8194", expect = ACCEPTABLE, desc = "The other way round.")
  @Outcome(expect = FORBIDDEN, desc = "Both were served, or a refused caller moved the counter.")
  @State
  public static class LimitHolds {
    private final SendCounter counter = new SendCounter();

    public LimitHolds() {
      counter.skipTo(SendCounter.REJECT_AFTER_MESSAGES - 3);
    }

    @Actor
    public void outbound(JJJ_Result result) {
      result.r1 = counter.reserve(2);
    }

    @Actor
    public void conductor(JJJ_Result result) {
      result.r2 = counter.reserve(2);
    }

    @Arbiter
    public void after(JJJ_Result result) {
      result.r3 = counter.reserved();
    }
  }

  /** A skip and a reservation at once. */
  @JCStressTest
  @Outcome(id = "0, 100", expect = ACCEPTABLE, desc = "Numbered, then skipped.")
  @Outcome(id = "100, 101", expect = ACCEPTABLE, desc = "Skipped, then numbered.")
  @Outcome(expect = FORBIDDEN, desc = "The counter went back.")
  @State
  public static class SkippingNeverGoesBack {
    private final SendCounter counter = new SendCounter();

    @Actor
    public void outbound(JJ_Result result) {
      result.r1 = counter.reserve(1);
    }

    @Actor
    public void conductor() {
      counter.skipTo(100);
    }

    @Arbiter
    public void after(JJ_Result result) {
      result.r2 = counter.reserved();
    }
  }
}
