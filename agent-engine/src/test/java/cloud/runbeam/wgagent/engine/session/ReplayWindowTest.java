package cloud.runbeam.wgagent.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.Seed;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {
  private static final long LIMIT = SendCounter.REJECT_AFTER_MESSAGES;
  private static final long WINDOW = ReplayWindow.WINDOW_COUNTERS;

  private final ReplayWindow window = new ReplayWindow();

  @Test
  void acceptsEachCounterOnce() {
    for (long counter = 0; counter < 20_000; counter++) {
      assertThat(window.accept(counter)).isTrue();
      assertThat(window.accept(counter)).isFalse();
    }
  }

  @Test
  void acceptsTheFirstCounterWhateverItIs() {
    assertThat(window.accept(0)).isTrue();
    assertThat(new ReplayWindow().accept(1)).isTrue();
    assertThat(new ReplayWindow().accept(1_000_000)).isTrue();
    assertThat(new ReplayWindow().accept(LIMIT - 1)).isTrue();
  }

  @Test
  void rejectsCounterBehindWindow() {
    long highest = 100_000;
    assertThat(window.accept(highest)).isTrue();

    assertThat(window.accept(highest - WINDOW)).isFalse();
    assertThat(window.accept(highest - WINDOW + 1)).isTrue();
    assertThat(window.accept(highest - WINDOW + 1)).isFalse();
    assertThat(window.accept(0)).isFalse();
    assertThat(window.highest()).isEqualTo(highest);
  }

  @Test
  void acceptsAWholeWindowInReverse() {
    for (long counter = WINDOW - 1; counter >= 0; counter--) {
      assertThat(window.accept(counter)).as("%d", counter).isTrue();
    }
    for (long counter = 0; counter < WINDOW; counter++) {
      assertThat(window.accept(counter)).as("%d", counter).isFalse();
    }
  }

  @Test
  void forgetsNothingWithinTheWindowWhenItMoves() {
    long start = 63;
    for (long step = 1; step < 3 * WINDOW; step += 61) {
      ReplayWindow moved = new ReplayWindow();
      assertThat(moved.accept(start)).isTrue();
      assertThat(moved.accept(start + step)).isTrue();
      assertThat(moved.accept(start)).isFalse();
      boolean within = step - 1 < WINDOW;
      assertThat(moved.accept(start + 1)).as("%d", step).isEqualTo(within && step != 1);
    }
  }

  @Test
  void treatsCountersAsUnsigned() {
    assertThat(window.accept(Long.MAX_VALUE)).isTrue();
    assertThat(window.accept(Long.MIN_VALUE)).isTrue();
    assertThat(window.accept(Long.MAX_VALUE)).isFalse();
    assertThat(window.accept(Long.MAX_VALUE - 1)).isTrue();
    assertThat(window.accept(5)).isFalse();
  }

  @Test
  void rejectsCountersFromTheLimitOn() {
    assertThat(window.accept(LIMIT)).isFalse();
    assertThat(window.accept(-1)).isFalse();
    assertThat(window.accept(LIMIT - 1)).isTrue();
    assertThat(window.accept(LIMIT - 2)).isTrue();
    assertThat(window.accept(LIMIT - 1)).isFalse();
    assertThat(window.accept(LIMIT)).isFalse();
  }

  @Test
  void behavesAsASetOfEverythingSeen() {
    SplittableRandom random = Seed.random("ReplayWindow");
    for (int round = 0; round < 60; round++) {
      ReplayWindow tested = new ReplayWindow();
      Set<Long> seen = new HashSet<>();
      long highest = 0;
      long base = random.nextInt(4) == 0 ? random.nextLong() : 0;
      long spread = 1L << random.nextInt(1, 18);
      for (int i = 0; i < 5_000; i++) {
        base += random.nextInt(200) == 0 ? random.nextLong(2 * WINDOW) : random.nextLong(4);
        long counter = base - random.nextLong(spread);
        boolean expected =
            Long.compareUnsigned(counter, LIMIT) < 0
                && (Long.compareUnsigned(counter, highest) > 0
                    || Long.compareUnsigned(highest - counter, WINDOW) < 0)
                && seen.add(counter);
        if (expected && Long.compareUnsigned(counter, highest) > 0) {
          highest = counter;
        }
        assertThat(tested.accept(counter)).as("%d after %d", counter, highest).isEqualTo(expected);
      }
    }
  }
}
