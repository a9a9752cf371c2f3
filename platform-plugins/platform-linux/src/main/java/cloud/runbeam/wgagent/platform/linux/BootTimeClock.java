package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;

/**
 * {@code CLOCK_BOOTTIME} (clock_gettime(2)): unlike {@link System#nanoTime} it goes on while the
 * machine is suspended, so that keys age then. Any thread.
 */
final class BootTimeClock implements MonotonicClock {
  @Override
  public long nowNs() {
    return SystemCalls.ofThread().bootTimeNs();
  }
}
