package cloud.runbeam.wgagent.engine.timer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Any thread asks that an owner be looked at: no request is lost, none is answered twice. */
public final class TimerWheelStress {
  private TimerWheelStress() {}

  /** Two owners are requested at once. */
  @JCStressTest
  @Outcome(id = "true, false, 2", expect = ACCEPTABLE, desc = "The first one wakes the conductor.")
  @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "The other one does.")
  @Outcome(expect = FORBIDDEN, desc = "A request was lost, or nobody wakes the conductor.")
  @State
  public static class BothAreHandedOut {
    private final TimerWheel<String> wheel = new TimerWheel<>(0);
    private final TimerWheel.Entry<String> first = wheel.newEntry("first");
    private final TimerWheel.Entry<String> second = wheel.newEntry("second");

    @Actor
    public void outbound(ZZI_Result result) {
      result.r1 = wheel.request(first);
    }

    @Actor
    public void inbound(ZZI_Result result) {
      result.r2 = wheel.request(second);
    }

    @Arbiter
    public void after(ZZI_Result result) {
      List<String> owners = new ArrayList<>();
      wheel.poll(0, owners::add);
      result.r3 = owners.contains("first") && owners.contains("second") ? owners.size() : -1;
    }
  }

  /** A request while the conductor polls. */
  @JCStressTest
  @Outcome(id = "true, 1, 0", expect = ACCEPTABLE, desc = "This poll saw it.")
  @Outcome(
      id = "true, 0, 1",
      expect = ACCEPTABLE,
      desc = "The next one does, and the conductor is woken for it.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, or handed out twice.")
  @State
  public static class RequestDuringPollIsNotLost {
    private final TimerWheel<String> wheel = new TimerWheel<>(0);
    private final TimerWheel.Entry<String> entry = wheel.newEntry("owner");

    @Actor
    public void outbound(ZII_Result result) {
      result.r1 = wheel.request(entry);
    }

    @Actor
    public void conductor(ZII_Result result) {
      result.r2 = wheel.poll(0, owner -> {});
    }

    @Arbiter
    public void after(ZII_Result result) {
      result.r3 = wheel.poll(0, owner -> {});
    }
  }
}
