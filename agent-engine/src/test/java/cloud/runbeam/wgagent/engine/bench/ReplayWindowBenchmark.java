package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.session.ReplayWindow;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the replay window costs per packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplayWindowBenchmark {
  /** Pairs of neighbours change places. */
  private static final long SWAP = 1;

  private final ReplayWindow window = new ReplayWindow();
  private long counter;

  /** Counters in order, as on a quiet network. */
  @Benchmark
  public boolean inOrder() {
    return window.accept(counter++);
  }

  /** Every second packet overtakes the one before it. */
  @Benchmark
  public boolean reordered() {
    return window.accept(counter++ ^ SWAP);
  }

  /** A copy of a packet that was accepted long ago. */
  @Benchmark
  public boolean refused() {
    window.accept(Integer.MAX_VALUE);
    return window.accept(1);
  }
}
