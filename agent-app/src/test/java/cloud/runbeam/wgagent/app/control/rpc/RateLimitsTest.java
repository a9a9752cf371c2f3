package cloud.runbeam.wgagent.app.control.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.app.control.rpc.RateLimits.Allowance;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
  private static final Caller ALICE = new Caller("alice", Role.ADMIN);
  private static final Caller BOB = new Caller("bob", Role.READER);

  private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 5);
  private final RateLimits limits =
      new RateLimits(nowNs::get, new Allowance(10, 5, 2, 3), new Allowance(20, 8, 4, 4));

  @Test
  void letsABurstThroughAndThenOneByOne() throws RequestException {
    count(ALICE, Effect.READ, 5);

    assertRefused(ALICE, Effect.READ, "user alice sent more requests");
    pass(100);
    count(ALICE, Effect.READ, 1);
    assertRefused(ALICE, Effect.READ, "at most 10 a second");
  }

  @Test
  void keepsReadsAndChangesApart() throws RequestException {
    count(ALICE, Effect.READ, 5);

    count(ALICE, Effect.CHANGE, 3);
    assertRefused(ALICE, Effect.CHANGE, "user alice sent more changes");
  }

  @Test
  void keepsUsersApartUntilAllTogetherAreTooMany() throws RequestException {
    count(ALICE, Effect.READ, 5);
    count(BOB, Effect.READ, 3);

    assertRefused(BOB, Effect.READ, "all callers together");
    pass(50); // One for all; Bob was not charged for the refusal.
    count(BOB, Effect.READ, 1);
  }

  @Test
  void forgetsNobodyWhoStillOwes() throws RequestException {
    RateLimits wide =
        new RateLimits(
            nowNs::get, new Allowance(1, 1, 1, 1), new Allowance(100_000, 100_000, 1, 1));
    wide.count(ALICE, Effect.READ);
    for (int i = 0; i < 1_000; i++) {
      wide.count(new Caller("user" + i, Role.READER), Effect.READ);
    }

    assertThatThrownBy(() -> wide.count(ALICE, Effect.READ)).isInstanceOf(RequestException.class);
  }

  @Test
  void neverHoldsMoreThanTheBurst() throws RequestException {
    pass(TimeUnit.DAYS.toMillis(400));

    count(ALICE, Effect.READ, 5);
    assertRefused(ALICE, Effect.READ, "alice");
  }

  @Test
  void standsUnderTheLoadOfFiftyClients() {
    RateLimits standard = RateLimits.standard(nowNs::get);

    assertThatCode(
            () -> {
              for (int i = 0; i < 20_000; i++) {
                standard.count(ALICE, Effect.READ);
              }
            })
        .doesNotThrowAnyException();
  }

  private void count(Caller caller, Effect effect, int times) throws RequestException {
    for (int i = 0; i < times; i++) {
      limits.count(caller, effect);
    }
  }

  private void assertRefused(Caller caller, Effect effect, String reason) {
    assertThatThrownBy(() -> limits.count(caller, effect))
        .hasMessageContaining(reason)
        .isInstanceOfSatisfying(
            RequestException.class,
            refused -> assertThat(refused.type()).isEqualTo(ErrorType.RATE_LIMITED));
  }

  private void pass(long ms) {
    nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
  }
}
