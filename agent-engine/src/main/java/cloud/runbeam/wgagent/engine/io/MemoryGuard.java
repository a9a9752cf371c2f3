package cloud.runbeam.wgagent.engine.io;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Keeps key memory in RAM and out of dumps, as far as the operating system allows. Any thread. */
public interface MemoryGuard {
  /**
   * Locks the pages of {@code memory} in RAM and excludes them from core dumps ({@code mlock},
   * {@code MADV_DONTDUMP} on Linux).
   *
   * @return empty when the pages are protected, otherwise the reason why not, fit for an operator
   *     to read
   */
  Optional<String> protect(MemorySegment memory);

  /** Takes the protection back before the memory is returned to the system. */
  void release(MemorySegment memory);
}
