package cloud.runbeam.wgagent.platform.linux.ffi;

import java.lang.foreign.ValueLayout;

/**
 * A descriptor that becomes readable when the wall clock is set, which is what the kernel does when
 * a machine resumes from suspend (timerfd_create(2), {@code TFD_TIMER_CANCEL_ON_SET}). It costs
 * nothing while nothing happens. A kernel without timers of this kind leaves it silent. One
 * thread's.
 *
 * <pre>
 *   struct itimerspec   0              8               16           24
 *                      |interval, s   |interval, ns   |value, s    |value, ns |
 * </pre>
 */
public final class ClockChangeTimer implements AutoCloseable {
  private static final int CLOCK_REALTIME = 0;
  private static final int TFD_CLOEXEC = 0x80000;
  private static final int TFD_NONBLOCK = 0x800;
  private static final int TFD_TIMER_ABSTIME = 1;
  private static final int TFD_TIMER_CANCEL_ON_SET = 2;
  private static final int ITIMERSPEC_BYTES = 32;
  private static final int VALUE_SECONDS = 16;

  private static final boolean X86_64 = System.getProperty("os.arch").equals("amd64");
  private static final long TIMERFD_CREATE = X86_64 ? 283 : 85;
  private static final long TIMERFD_SETTIME = X86_64 ? 286 : 86;

  private final SystemCalls calls;
  private final NativeScratch never = new NativeScratch(ITIMERSPEC_BYTES);
  private final NativeScratch count = new NativeScratch(Long.BYTES);
  private final int descriptor;

  /** Armed. */
  public ClockChangeTimer(SystemCalls calls) {
    this.calls = calls;
    this.descriptor =
        (int) calls.syscall(TIMERFD_CREATE, CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK, 0);
    never.memory().set(ValueLayout.JAVA_LONG, VALUE_SECONDS, Long.MAX_VALUE);
    arm();
  }

  /** The descriptor, readable after a change; negative where there is none. */
  public int descriptor() {
    return descriptor;
  }

  /** Takes the news, so that the next change is news again. */
  public void reset() {
    if (descriptor >= 0) {
      // ECANCELED: it was set; EAGAIN: it was not.
      calls.read(descriptor, count.address(0, Long.BYTES), Long.BYTES);
      arm();
    }
  }

  private void arm() {
    if (descriptor >= 0) {
      calls.syscall(
          TIMERFD_SETTIME,
          descriptor,
          TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
          never.address(0, ITIMERSPEC_BYTES));
    }
  }

  @Override
  public void close() {
    if (descriptor >= 0) {
      calls.close(descriptor);
    }
    never.close();
    count.close();
  }
}
