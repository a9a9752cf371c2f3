package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Protects nothing and says that all is well: tests have no secrets. */
public final class UnguardedMemory implements MemoryGuard {
  @Override
  public Optional<String> protect(MemorySegment memory) {
    return Optional.empty();
  }

  @Override
  public void release(MemorySegment memory) {}
}
