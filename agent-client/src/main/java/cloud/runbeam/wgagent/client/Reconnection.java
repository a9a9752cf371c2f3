package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.ControlException.Kind;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Tries to connect for as long as the options allow. */
final class Reconnection {
  /** The first pause; an agent that restarts takes some hundred milliseconds. */
  private static final long FIRST_PAUSE_NS = 20_000_000;

  private static final long LONGEST_PAUSE_NS = 1_000_000_000;

  private Reconnection() {}

  /**
   * Connects.
   *
   * @param abandoned asked before every attempt but the first
   * @throws ControlException the failure of the last attempt
   */
  static LineChannel open(ConnectOptions options, BooleanSupplier abandoned)
      throws ControlException {
    long deadlineNs = System.nanoTime() + options.reconnectWithin().toNanos();
    long pauseNs = FIRST_PAUSE_NS;
    while (true) {
      try {
        return LineChannel.open(options.socket());
      } catch (ControlException failed) {
        long leftNs = deadlineNs - System.nanoTime();
        if (failed.kind() != Kind.NO_AGENT || leftNs <= 0 || abandoned.getAsBoolean()) {
          throw failed;
        }
        LockSupport.parkNanos(Math.min(pauseNs, leftNs));
        pauseNs = Math.min(pauseNs * 2, LONGEST_PAUSE_NS);
        if (Thread.currentThread().isInterrupted()) {
          throw new ControlException(Kind.INTERRUPTED, "interrupted while waiting for an agent");
        }
      }
    }
  }
}
