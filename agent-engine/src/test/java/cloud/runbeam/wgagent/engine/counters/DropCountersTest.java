package cloud.runbeam.wgagent.engine.counters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DropCountersTest {
  @Test
  void countsEachReasonApart() {
    DropCounters drops = new DropCounters();
    long expected = 0;
    for (DropReason reason : DropReason.values()) {
      expected++;
      drops.add(reason, expected);
    }
    drops.count(DropReason.REPLAYED_COUNTER);

    expected = 0;
    for (DropReason reason : DropReason.values()) {
      expected++;
      assertThat(drops.get(reason))
          .as("%s", reason)
          .isEqualTo(reason == DropReason.REPLAYED_COUNTER ? expected + 1 : expected);
    }
    assertThat(drops.total()).isEqualTo(expected * (expected + 1) / 2 + 1);
  }

  @Test
  void showsOnlyWhatOccurred() {
    DropCounters drops = new DropCounters();
    assertThat(drops.snapshot()).isEmpty();
    assertThat(drops.get(DropReason.UNKNOWN_INDEX)).isZero();
    drops.add(DropReason.POOL_EXHAUSTED, 0);
    assertThat(drops.snapshot()).isEmpty();

    drops.add(DropReason.UNKNOWN_INDEX, 3);
    drops.count(DropReason.NO_ENDPOINT);

    assertThat(drops.snapshot())
        .isEqualTo(Map.of(DropReason.UNKNOWN_INDEX, 3L, DropReason.NO_ENDPOINT, 1L));
  }

  @Test
  void losesNoCountOfSeveralThreads() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      DropCounters drops = new DropCounters();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        threads.add(
            new Thread(() -> {
              for (int count = 0; count < 10_000; count++) {
                drops.count(DropReason.RATE_LIMITED);
              }
            }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(drops.get(DropReason.RATE_LIMITED)).isEqualTo(30_000);
    }
  }

  @Test
  void addsUpPacketsAndBytes() {
    PacketCounter counter = new PacketCounter();
    counter.add(2, 3_000);
    counter.add(1, 32);

    assertThat(counter.packets()).isEqualTo(3);
    assertThat(counter.bytes()).isEqualTo(3_032);
  }
}
