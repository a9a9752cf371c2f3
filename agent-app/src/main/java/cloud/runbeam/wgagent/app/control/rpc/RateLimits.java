package cloud.runbeam.wgagent.app.control.rpc;

import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How often each caller, and all together, may ask: token buckets, apart for reads and changes, so
 * that nobody who looks keeps anybody from changing. A caller is a user of the system, however many
 * connections it has. Any thread.
 */
public final class RateLimits {
  /** Past this, buckets of users who have not asked for a while are dropped. */
  private static final int MANY_CALLERS = 256;

  private final MonotonicClock clock;
  private final Allowance perCaller;
  private final Buckets total;
  private final Map<String, Buckets> callers = new ConcurrentHashMap<>();

  /** Limits by {@code clock}. */
  public RateLimits(MonotonicClock clock, Allowance perCaller, Allowance total) {
    this.clock = clock;
    this.perCaller = perCaller;
    this.total = Buckets.of(total, clock.nowNs());
  }

  /**
   * The limits of the control API. One caller alone cannot use up what all have together.
   *
   * <p>Fifty clients that ask without a pause stay below them for {@code status}; a loop that went
   * wild does not.
   */
  public static RateLimits standard(MonotonicClock clock) {
    return new RateLimits(
        clock,
        new Allowance(5_000, 20_000, 500, 4_000),
        new Allowance(10_000, 40_000, 1_000, 8_000));
  }

  /**
   * Counts one request.
   *
   * @throws RequestException of type {@link ErrorType#RATE_LIMITED}
   */
  void count(Caller caller, Effect effect) throws RequestException {
    long nowNs = clock.nowNs();
    TokenBucket own = callers.computeIfAbsent(key(caller), _ -> buckets(nowNs)).of(effect);
    if (!own.take(nowNs)) {
      throw limited(effect, "user " + caller.user(), perCaller);
    }
    if (!total.of(effect).take(nowNs)) {
      own.giveBack();
      throw limited(effect, "all callers together", perCaller);
    }
  }

  private Buckets buckets(long nowNs) {
    if (callers.size() >= MANY_CALLERS) {
      callers.values().removeIf(buckets -> buckets.areFull(nowNs));
    }
    return Buckets.of(perCaller, nowNs);
  }

  private static String key(Caller caller) {
    return caller.process().uid().isPresent()
        ? Long.toString(caller.process().uid().getAsLong())
        : caller.user();
  }

  private static RequestException limited(Effect effect, String whose, Allowance allowance) {
    long perSecond =
        effect == Effect.READ ? allowance.readsPerSecond() : allowance.changesPerSecond();
    return new RequestException(
        ErrorType.RATE_LIMITED,
        whose
            + " sent more "
            + (effect == Effect.READ ? "requests" : "changes")
            + " than the agent takes; send at most "
            + perSecond
            + " a second");
  }

  /**
   * What may come.
   *
   * @param readsPerSecond in the long run
   * @param readsAtOnce after a pause
   * @param changesPerSecond in the long run
   * @param changesAtOnce after a pause
   */
  public record Allowance(
      long readsPerSecond, long readsAtOnce, long changesPerSecond, long changesAtOnce) {}

  private record Buckets(TokenBucket reads, TokenBucket changes) {
    static Buckets of(Allowance allowance, long nowNs) {
      return new Buckets(
          new TokenBucket(allowance.readsPerSecond(), allowance.readsAtOnce(), nowNs),
          new TokenBucket(allowance.changesPerSecond(), allowance.changesAtOnce(), nowNs));
    }

    TokenBucket of(Effect effect) {
      return effect == Effect.READ ? reads : changes;
    }

    boolean areFull(long nowNs) {
      return reads.isFull(nowNs) && changes.isFull(nowNs);
    }
  }
}
