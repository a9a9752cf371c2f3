package cloud.runbeam.wgagent.engine.io;

import java.lang.foreign.MemorySegment;

/** Cryptographically secure random bytes. Any thread. */
public interface EntropySource {
  /** Fills the whole of {@code target}; heap copies made on the way are wiped before return. */
  void fill(MemorySegment target);

  /** A uniformly distributed 32-bit value, for session indexes and jitter. */
  int nextInt();
}
