package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.ControlException.Kind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request that was sent and whose answer may still be on its way. Any thread. */
public final class PendingCall {
  private final String method;
  private final Duration timeout;
  private final long deadlineNs;
  private final Runnable forget;
  private final CountDownLatch settled = new CountDownLatch(1);
  private volatile @Nullable JsonValue result;
  private volatile @Nullable ControlException failure;

  /**
   * A call that waits from now on.
   *
   * @param forget tells the connection that nobody waits any more
   */
  PendingCall(String method, Duration timeout, long deadlineNs, Runnable forget) {
    this.method = method;
    this.timeout = timeout;
    this.deadlineNs = deadlineNs;
    this.forget = forget;
  }

  void succeed(JsonValue value) {
    result = value;
    settled.countDown();
  }

  void fail(ControlException reason) {
    failure = reason;
    settled.countDown();
  }

  /** Whether {@link #await} would return or throw at once. */
  public boolean isDone() {
    return settled.getCount() == 0 || deadlineNs - System.nanoTime() <= 0;
  }

  /**
   * Waits for the answer, no longer than the timeout, which began when the request was sent.
   *
   * @return the {@code result} member
   * @throws ControlException if there is none in time
   */
  public JsonValue await() throws ControlException {
    try {
      if (!settled.await(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        forget.run();
        throw new ControlException(
            Kind.TIMED_OUT,
            "no answer to "
                + method
                + " within "
                + timeout.toMillis()
                + " ms: the agent may still carry it out; ask for the status, or see its log");
      }
    } catch (InterruptedException _) {
      forget.run();
      Thread.currentThread().interrupt();
      throw new ControlException(
          Kind.INTERRUPTED, "interrupted while waiting for the answer to " + method);
    }
    ControlException failed = failure;
    if (failed != null) {
      throw failed.again();
    }
    JsonValue value = result;
    return value == null ? new JsonValue.JsonNull() : value;
  }
}
