package cloud.runbeam.wgagent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.path.ConductorAgent;
import cloud.runbeam.wgagent.engine.path.Quiescence;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnginePulseTest {
  private final ConductorAgent conductor = new ConductorAgent(new ManualClock());
  private final Quiescence out = new Quiescence();
  private final Quiescence in = new Quiescence();
  private final EnginePulse pulse =
      new EnginePulse(conductor, () -> Map.of("wg-out-wg0", out, "wg-in-wg0", in));

  @Test
  void findsNothingWrongWithThreadsThatWait() {
    for (int look = 0; look < 3; look++) {
      assertThat(pulse.hungSinceLastLook()).isEmpty();
      conductor.work();
    }
  }

  @Test
  void findsNothingWrongWithThreadsThatAreAlwaysBusy() {
    for (int look = 0; look < 3; look++) {
      out.enter();
      in.enter();
      assertThat(pulse.hungSinceLastLook()).isEmpty();
      out.exit();
      in.exit();
      conductor.work();
    }
  }

  @Test
  void namesTheThreadThatIsInTheSameBatchAsBefore() {
    in.enter();
    assertThat(pulse.hungSinceLastLook()).isEmpty();
    conductor.work();
    assertThat(pulse.hungSinceLastLook()).containsExactly("wg-in-wg0");
    conductor.work();
    in.exit();
    assertThat(pulse.hungSinceLastLook()).isEmpty();
  }

  @Test
  void namesTheConductorThatDoesNotAnswerUntilItDoes() {
    assertThat(pulse.hungSinceLastLook()).isEmpty();
    assertThat(pulse.hungSinceLastLook()).containsExactly("wg-conductor");
    assertThat(pulse.hungSinceLastLook()).containsExactly("wg-conductor");
    conductor.work();
    assertThat(pulse.hungSinceLastLook()).isEmpty();
  }
}
