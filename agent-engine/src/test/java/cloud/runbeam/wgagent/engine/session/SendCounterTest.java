package cloud.runbeam.wgagent.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class SendCounterTest {
  private static final long LIMIT = SendCounter.REJECT_AFTER_MESSAGES;

  @Test
  void hasTheLimitsOfThePaper() {
    assertThat(new BigInteger(Long.toUnsignedString(LIMIT)))
        .isEqualTo(
            BigInteger.TWO.pow(64).subtract(BigInteger.TWO.pow(13)).subtract(BigInteger.ONE));
    assertThat(BigInteger.valueOf(SendCounter.REKEY_AFTER_MESSAGES))
        .isEqualTo(BigInteger.TWO.pow(60));
  }

  @Test
  void handsOutConsecutiveRunsFromZero() {
    SendCounter counter = new SendCounter();

    assertThat(counter.reserve(1)).isZero();
    assertThat(counter.reserve(128)).isEqualTo(1);
    assertThat(counter.reserve(1)).isEqualTo(129);
    assertThat(counter.reserved()).isEqualTo(130);
    assertThatIllegalArgumentException().isThrownBy(() -> counter.reserve(0));
  }

  @Test
  void refusesARunThatWouldReachTheLimit() {
    SendCounter counter = new SendCounter();
    counter.skipTo(LIMIT - 3);

    assertThat(counter.reserve(4)).isEqualTo(SendCounter.EXHAUSTED);
    assertThat(counter.isExhausted()).isFalse();
    assertThat(counter.reserve(3)).isEqualTo(LIMIT - 3);
    assertThat(counter.isExhausted()).isTrue();
  }

  @Test
  void staysExhaustedHoweverOftenItIsAsked() {
    SendCounter counter = new SendCounter();
    counter.skipTo(-1L);
    for (int i = 0; i < 20_000; i++) {
      assertThat(counter.reserve(1_000)).isEqualTo(SendCounter.EXHAUSTED);
    }
    assertThat(counter.reserved()).isEqualTo(LIMIT);
  }

  @Test
  void passesTheSignOfALong() {
    SendCounter counter = new SendCounter();
    counter.skipTo(Long.MAX_VALUE);

    assertThat(counter.reserve(2)).isEqualTo(Long.MAX_VALUE);
    assertThat(counter.reserve(1)).isEqualTo(Long.MIN_VALUE + 1);
  }

  @Test
  void neverGoesBack() {
    SendCounter counter = new SendCounter();
    counter.reserve(10);
    counter.skipTo(5);

    assertThat(counter.reserve(1)).isEqualTo(10);
  }

  @Test
  void wantsANewHandshakeAfterTwoToTheSixtyMessages() {
    SendCounter counter = new SendCounter();
    counter.skipTo(SendCounter.REKEY_AFTER_MESSAGES - 1);
    assertThat(counter.wantsRekey()).isFalse();
    counter.reserve(1);
    assertThat(counter.wantsRekey()).isTrue();
    counter.skipTo(LIMIT);
    assertThat(counter.wantsRekey()).isTrue();
  }

  @Test
  void givesEveryCounterToOneThreadOnly() throws InterruptedException {
    SendCounter counter = new SendCounter();
    List<BitSet> taken = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      BitSet mine = new BitSet();
      taken.add(mine);
      int run = 1 + i;
      threads.add(
          new Thread(() -> {
            for (int n = 0; n < 50_000; n++) {
              int first = (int) counter.reserve(run);
              mine.set(first, first + run);
            }
          }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    BitSet all = new BitSet();
    for (BitSet mine : taken) {
      assertThat(all.intersects(mine)).isFalse();
      all.or(mine);
    }
    assertThat(all.cardinality()).isEqualTo(50_000 * 6).isEqualTo((int) counter.reserved());
  }
}
