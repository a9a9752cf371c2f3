package cloud.runbeam.wgagent.engine.bench;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.bench.BenchTunnel.Traffic;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A packet leaves nothing on the heap, in either direction, once the code is compiled. */
class GarbageTest {
  /** The HotSpot intrinsics take a moment to be linked; what happens until then is not steady. */
  private static final int WARM_UP_ROUNDS = 1_000;

  private static final int ROUNDS = 500;
  private static final int PACKETS = ROUNDS * BenchTunnel.PACKETS;

  /** One window for a whole recording of packets is part of the rig, not of the path. */
  private static final double RIG_BYTES_PER_PACKET = 1;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @EnumSource(Traffic.class)
  void outboundPacketsLeaveNoGarbage(Traffic traffic) throws IOException {
    try (BenchTunnel tunnel = new BenchTunnel(traffic)) {
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        tunnel.outboundRound();
      }
      long packets = tunnel.packetsSent();
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < ROUNDS; i++) {
        tunnel.outboundRound();
      }
      long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;

      assertThat(tunnel.packetsSent() - packets).isEqualTo(PACKETS);
      assertThat((double) bytes / PACKETS).isLessThan(RIG_BYTES_PER_PACKET);
    }
  }

  @ParameterizedTest
  @EnumSource(Traffic.class)
  void inboundPacketsLeaveNoGarbage(Traffic traffic) throws IOException {
    try (BenchTunnel tunnel = new BenchTunnel(traffic)) {
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        tunnel.inboundRound();
      }
      long delivered = tunnel.bytesDelivered();
      long frames = tunnel.framesDelivered();
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < ROUNDS; i++) {
        tunnel.inboundRound();
      }
      long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;

      assertThat(tunnel.bytesDelivered() - delivered).isGreaterThanOrEqualTo(64L * PACKETS);
      assertThat(tunnel.framesDelivered() - frames)
          .isEqualTo(traffic == Traffic.SUPER ? ROUNDS : PACKETS);
      assertThat((double) bytes / PACKETS).isLessThan(RIG_BYTES_PER_PACKET);
    }
  }
}
