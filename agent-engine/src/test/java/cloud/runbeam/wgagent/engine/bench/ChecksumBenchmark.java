package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.offload.Checksum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The Internet checksum over packet memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChecksumBenchmark {
  /** How much is summed up. */
  @Param({"20", "1420", "65535"})
  public int bytes;

  private final MemorySegment memory = Arena.ofAuto().allocate(65_536, 64);

  /** Sum and fold. */
  @Benchmark
  public int sum() {
    return Checksum.fold(Checksum.add(0, memory, 0, bytes));
  }
}
