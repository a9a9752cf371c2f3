package cloud.runbeam.wgagent.platform.linux.ffi;

import java.lang.foreign.ValueLayout;

/**
 * Asks the scheduler to let the calling thread run soon after it wakes, in return for shorter turns
 * (sched_setattr(2); a custom slice for normal threads, Linux 6.12). A packet thread that waits
 * behind a compiler thread for a whole turn of 3 ms is what a peer sees as a slow ping. Takes no
 * rights; an older kernel ignores it.
 *
 * <pre>
 *   struct sched_attr (linux/sched/types.h), 48 bytes
 *   0      4        8       16     20         24        32         40
 *  | size | policy | flags | nice | priority | runtime | deadline | period |
 * </pre>
 */
public final class ThreadSlice {
  private static final int ATTRIBUTE_BYTES = 48;
  private static final int RUNTIME = 24;

  /** The shortest that the kernel takes. */
  private static final long SLICE_NS = 100_000;

  private static final boolean X86_64 = System.getProperty("os.arch").equals("amd64");
  private static final long SCHED_SETATTR = X86_64 ? 314 : 274;
  private static final long SCHED_GETATTR = X86_64 ? 315 : 275;

  private ThreadSlice() {}

  /** Shortens the calling thread's turns; everything else of its scheduling stays as it is. */
  public static void shorten(SystemCalls calls) {
    try (NativeScratch attributes = new NativeScratch(ATTRIBUTE_BYTES)) {
      long address = attributes.address(0, ATTRIBUTE_BYTES);
      if (calls.syscall(SCHED_GETATTR, 0, address, ATTRIBUTE_BYTES) < 0) {
        return;
      }
      attributes.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, RUNTIME, SLICE_NS);
      calls.syscall(SCHED_SETATTR, 0, address, 0);
    }
  }
}
