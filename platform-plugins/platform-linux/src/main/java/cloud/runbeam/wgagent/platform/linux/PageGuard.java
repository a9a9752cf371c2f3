package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps pages in RAM (mlock(2)), out of core dumps ({@code MADV_DONTDUMP}) and out of child
 * processes ({@code MADV_WIPEONFORK}, madvise(2)).
 *
 * <p>The system knows pages only, so memory that shares a page with something else would protect,
 * and on release uncover, that too: what is given must be whole pages. Any thread.
 */
final class PageGuard implements MemoryGuard {
  private static final int MADV_DONTDUMP = 16;
  private static final int MADV_DODUMP = 17;
  private static final int MADV_WIPEONFORK = 18;
  private static final int MADV_KEEPONFORK = 19;

  /** The smallest page there is; larger ones only show in what the kernel then answers. */
  private static final long PAGE_BYTES = 4096;

  @Override
  public Optional<String> protect(MemorySegment memory) {
    if ((memory.address() | memory.byteSize()) % PAGE_BYTES != 0) {
      return Optional.of("key memory is not locked: it does not consist of whole pages");
    }
    SystemCalls calls = SystemCalls.ofThread();
    long address = memory.address();
    long bytes = memory.byteSize();
    List<String> reasons = new ArrayList<>();
    note(
        reasons,
        "key memory may be swapped out: mlock",
        calls.mlock(address, bytes),
        "allow locked memory (LimitMEMLOCK=, ulimit -l) or grant CAP_IPC_LOCK");
    note(
        reasons,
        "key memory may appear in core dumps: madvise MADV_DONTDUMP",
        calls.madvise(address, bytes, MADV_DONTDUMP),
        "switch core dumps off (LimitCORE=0, ulimit -c 0)");
    int forked = calls.madvise(address, bytes, MADV_WIPEONFORK);
    if (forked != -Errno.EINVAL) {
      // EINVAL: before Linux 4.14. A child of this process runs another program at once.
      note(reasons, "key memory is inherited by children: madvise MADV_WIPEONFORK", forked, "");
    }
    return reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons));
  }

  private static void note(List<String> reasons, String what, int result, String advice) {
    if (result < 0) {
      String remedy = advice.isEmpty() ? "" : ": " + advice;
      reasons.add(what + ": " + Errno.describe(-result) + remedy);
    }
  }

  @Override
  public void release(MemorySegment memory) {
    // What fails here was not protected; the memory was wiped by its owner.
    SystemCalls calls = SystemCalls.ofThread();
    calls.madvise(memory.address(), memory.byteSize(), MADV_KEEPONFORK);
    calls.madvise(memory.address(), memory.byteSize(), MADV_DODUMP);
    calls.munlock(memory.address(), memory.byteSize());
  }
}
