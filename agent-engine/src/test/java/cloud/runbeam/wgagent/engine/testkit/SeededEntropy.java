package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Bytes that look random and are the same in every run with the same seed. Any thread, but then in
 * no certain order.
 */
public final class SeededEntropy implements EntropySource {
  private final SplittableRandom random;

  /** A source that gives the sequence of {@code seed}. */
  public SeededEntropy(long seed) {
    this.random = new SplittableRandom(seed);
  }

  @Override
  public synchronized void fill(MemorySegment target) {
    for (long i = 0; i < target.byteSize(); i++) {
      target.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
    }
  }

  @Override
  public synchronized int nextInt() {
    return random.nextInt();
  }
}
