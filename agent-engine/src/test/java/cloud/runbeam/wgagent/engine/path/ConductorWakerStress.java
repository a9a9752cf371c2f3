package cloud.runbeam.wgagent.engine.path;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Work comes while the conductor goes to sleep: it sees the work, or it is woken. */
public final class ConductorWakerStress {
  private ConductorWakerStress() {}

  /** The conductor's steps from its last look at the queue to the moment before it parks. */
  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Saw the work and stays awake.")
  @Outcome(
      id = "false, false",
      expect = ACCEPTABLE,
      desc = "Did not see it and is woken: it will not park, or not for long.")
  @Outcome(expect = FORBIDDEN, desc = "Sleeps with work in its queue and nobody coming to wake it.")
  @State
  public static class NoWorkIsSleptThrough {
    private final MpscVarHandleArrayQueue<String> queue = new MpscVarHandleArrayQueue<>(2);
    private final ConductorWaker waker = new ConductorWaker();

    @Actor
    public void producer() {
      queue.offer("work");
      waker.wake();
    }

    @Actor
    public void conductor(ZZ_Result result) {
      waker.announceSleep();
      if (!queue.isEmpty()) {
        waker.stayAwake();
        result.r1 = true;
      }
    }

    @Arbiter
    public void after(ZZ_Result result) {
      result.r2 = waker.isSleepAnnounced();
    }
  }
}
