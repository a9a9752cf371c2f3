package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.tunnel.Patience;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Asks every millisecond; used a few times in the life of a tunnel. */
final class SystemPatience implements Patience {
  private static final long PAUSE_NS = 1_000_000;

  @Override
  public boolean await(BooleanSupplier condition, Duration atMost) {
    long deadlineNs = System.nanoTime() + atMost.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadlineNs >= 0 || Thread.currentThread().isInterrupted()) {
        return condition.getAsBoolean();
      }
      LockSupport.parkNanos(PAUSE_NS);
    }
    return true;
  }
}
