package cloud.runbeam.wgagent.engine.crypto;

import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Sealing and opening packets in off-heap memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AeadBenchmark {
  /** Name of a provider. */
  @Param({"intrinsics", "jce"})
  public String provider = "";

  /** Length of the plaintext. */
  @Param({"64", "1420"})
  public int bytes;

  private final Arena memory = Arena.ofShared();
  private final MemorySegment plaintext = memory.allocate(2_048, 64);
  private final MemorySegment sealed = memory.allocate(2_048, 64);
  private final MemorySegment target = memory.allocate(2_048, 64);
  private final KeyArena keys = TestKeys.arena();
  private final SecretKey key = TestKeys.secret(keys, "benchmark");
  private Aead aead = JceAead.PROVIDER.newAead();
  private long counter;

  /** Seals what is opened. */
  @Setup
  public void prepare() {
    aead = (provider.equals("jce") ? JceAead.PROVIDER : IntrinsicAead.PROVIDER).newAead();
    aead.seal(key, counter, plaintext, 0, bytes, 0, sealed, 0);
  }

  /** Frees the memory. */
  @TearDown
  public void free() {
    keys.close();
    memory.close();
  }

  /** With a new counter each time. */
  @Benchmark
  public void seal() {
    aead.seal(key, ++counter, plaintext, 0, bytes, 0, target, 0);
  }

  /** The same message again and again. */
  @Benchmark
  public int open() {
    int opened = aead.open(key, 0, sealed, 0, bytes + Aead.TAG_BYTES, target, 0);
    if (opened != bytes) {
      throw new IllegalStateException("did not open");
    }
    return opened;
  }
}
