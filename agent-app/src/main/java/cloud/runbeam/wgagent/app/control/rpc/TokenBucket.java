package cloud.runbeam.wgagent.app.control.rpc;

/**
 * Lets {@code burst} through at once and {@code perSecond} in the long run. Any thread.
 *
 * <p>Counted in nanoseconds of credit: one token is worth {@code 1e9 / perSecond} of them.
 */
final class TokenBucket {
  private final long tokenNs;
  private final long fullNs;
  private long creditNs;
  private long lastNs;

  TokenBucket(long perSecond, long burst, long nowNs) {
    this.tokenNs = 1_000_000_000L / perSecond;
    this.fullNs = Math.multiplyExact(tokenNs, burst);
    this.creditNs = fullNs;
    this.lastNs = nowNs;
  }

  /** Takes a token if there is one. */
  synchronized boolean take(long nowNs) {
    refill(nowNs);
    if (creditNs < tokenNs) {
      return false;
    }
    creditNs -= tokenNs;
    return true;
  }

  /** Puts a token back that was taken for nothing. */
  synchronized void giveBack() {
    creditNs = Math.min(fullNs, creditNs + tokenNs);
  }

  /** Whether nobody took anything for so long that a new bucket would be the same. */
  synchronized boolean isFull(long nowNs) {
    refill(nowNs);
    return creditNs == fullNs;
  }

  private void refill(long nowNs) {
    long elapsedNs = Math.max(0, nowNs - lastNs);
    lastNs = nowNs;
    creditNs = elapsedNs >= fullNs - creditNs ? fullNs : creditNs + elapsedNs;
  }
}
