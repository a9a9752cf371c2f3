package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;

/** Entropy that a test decides: what was scripted first, then bytes from a seed. Any thread. */
public final class ScriptedEntropy implements EntropySource {
  private final Deque<byte[]> script = new ArrayDeque<>();
  private final Random random;

  /** Without a script: the same bytes for the same seed. */
  public ScriptedEntropy(long seed) {
    random = new Random(seed);
  }

  /**
   * These go out first, one per call of {@link #fill}, which must ask for exactly as many bytes.
   */
  public ScriptedEntropy(byte[]... script) {
    this(0);
    this.script.addAll(Arrays.asList(script));
  }

  @Override
  public synchronized void fill(MemorySegment target) {
    byte[] bytes = script.poll();
    if (bytes == null) {
      bytes = new byte[(int) target.byteSize()];
      random.nextBytes(bytes);
    }
    if (bytes.length != target.byteSize()) {
      throw new IllegalStateException(
          "scripted " + bytes.length + " bytes, asked for " + target.byteSize());
    }
    MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  @Override
  public synchronized int nextInt() {
    return random.nextInt();
  }
}
