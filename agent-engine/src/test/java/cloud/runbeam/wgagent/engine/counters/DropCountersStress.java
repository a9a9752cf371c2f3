package cloud.runbeam.wgagent.engine.counters;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** All threads of a device count losses; none is forgotten. */
public final class DropCountersStress {
  private DropCountersStress() {}

  /** Both lose the first packet of their peer, for the same reason. */
  @JCStressTest
  @Outcome(id = "3", expect = ACCEPTABLE, desc = "All were counted.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "One wrote over the other, or counted in a table nobody reads.")
  @State
  public static class NoLossIsForgotten {
    private final DropCounters drops = new DropCounters();

    @Actor
    public void outbound() {
      drops.count(DropReason.POOL_EXHAUSTED);
    }

    @Actor
    public void inbound() {
      drops.add(DropReason.POOL_EXHAUSTED, 2);
    }

    @Arbiter
    public void after(J_Result result) {
      result.r1 = drops.get(DropReason.POOL_EXHAUSTED);
    }
  }
}
