package cloud.runbeam.wgagent.platform.linux.ffi;

import java.lang.foreign.ValueLayout;

/** Calls that bind the whole process. Results below zero are the negated errno. Any thread. */
public final class ProcessCalls {
  /** linux/prctl.h. */
  private static final int PR_SET_NO_NEW_PRIVS = 38;

  // linux/seccomp.h
  private static final int SECCOMP_SET_MODE_FILTER = 1;
  private static final int SECCOMP_FILTER_FLAG_TSYNC = 1;

  private static final long SECCOMP = System.getProperty("os.arch").equals("amd64") ? 317 : 277;

  /** {@code struct sock_fprog}: count, padding, address of the instructions. */
  private static final int PROGRAM_BYTES = 16;

  private static final int ADDRESS = 8;
  private static final int INSTRUCTION_BYTES = 8;

  private ProcessCalls() {}

  /**
   * Makes the calls that {@code program} refuses fail on all threads, and forbids all of them to
   * gain rights by starting a program (prctl(2), seccomp(2)).
   *
   * @param program instructions of {@code struct sock_filter}, in host order
   * @return 0; negative: an error, or {@code -ESRCH} if a thread has a filter of its own
   */
  public static int refuseSystemCalls(byte[] program) {
    SystemCalls calls = SystemCalls.ofThread();
    long granted = calls.prctl(PR_SET_NO_NEW_PRIVS, 1);
    if (granted < 0) {
      return (int) granted;
    }
    try (NativeScratch memory = new NativeScratch(PROGRAM_BYTES + program.length)) {
      long instructions = memory.put(PROGRAM_BYTES, program);
      memory.putShort(0, (short) (program.length / INSTRUCTION_BYTES));
      memory.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, ADDRESS, instructions);
      long result =
          calls.syscall(
              SECCOMP,
              SECCOMP_SET_MODE_FILTER,
              SECCOMP_FILTER_FLAG_TSYNC,
              memory.address(0, PROGRAM_BYTES));
      // Above zero: the thread that could not be reached.
      return result > 0 ? -Errno.ESRCH : (int) result;
    }
  }
}
