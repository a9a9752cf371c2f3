package cloud.runbeam.wgagent.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FlowTest {
  private static final int FRAME_BYTES = 1_392;
  private static final int WINDOW_BYTES = (int) Flow.WINDOW_BYTES;

  private final Flow flow = new Flow();

  @Test
  void letsNoMoreInThanTheWindowHolds() throws IOException {
    flow.flood();
    int frames = 0;
    while (frames < WINDOW_BYTES / FRAME_BYTES) {
      frames += flow.take(FRAME_BYTES, 10);
    }
    assertThat(frames).isBetween(WINDOW_BYTES / FRAME_BYTES, WINDOW_BYTES / FRAME_BYTES + 1);
  }

  @Test
  void letsMoreInWhenSomethingCameOut() throws IOException {
    flow.flood();
    assertThat(flow.take(WINDOW_BYTES, 10)).isEqualTo(1);
    flow.arrived(WINDOW_BYTES);
    assertThat(flow.take(WINDOW_BYTES, 10)).isEqualTo(1);
    assertThat(flow.lostBytes()).isZero();
  }

  @Test
  void countsAsLostWhatNeverCameOutAndGoesOn() throws IOException {
    flow.flood();
    assertThat(flow.take(WINDOW_BYTES, 10)).isEqualTo(1);
    assertThat(flow.take(WINDOW_BYTES, 10)).as("after a stall").isEqualTo(1);
    assertThat(flow.lostBytes()).isEqualTo(WINDOW_BYTES);
  }

  @Test
  void letsNothingInOnceClosed() throws IOException {
    flow.close();
    assertThat(flow.take(FRAME_BYTES, 10)).isZero();
    flow.flood();
    assertThat(flow.take(FRAME_BYTES, 10)).isZero();
  }

  @Test
  void aProbeThatNobodyTakesIsGivenUp() throws IOException {
    assertThat(flow.probe(10)).isEmpty();
  }
}
