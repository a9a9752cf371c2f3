package cloud.runbeam.wgagent.engine.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.testkit.Seed;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class IndexTableTest {
  private final EntropySource entropy = new SeededEntropy(1);

  @Test
  void findsWhatAnIndexStandsFor() {
    IndexTable<String> table = new IndexTable<>();
    int a = table.allocate("a", entropy);
    int b = table.allocate("b", entropy);

    assertThat(table.get(a)).isEqualTo("a");
    assertThat(table.get(b)).isEqualTo("b");
    assertThat(table.get(a ^ b ^ 1)).isNull();
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void neverGivesAnIndexTwice() {
    EntropySource repeating = scripted(7, 7, 7, 0, 7, 0, -1);
    IndexTable<String> table = new IndexTable<>();

    assertThat(table.allocate("first", repeating)).isEqualTo(7);
    assertThat(table.allocate("second", repeating)).isZero();
    assertThat(table.allocate("third", repeating)).isEqualTo(-1);
    assertThat(table.get(7)).isEqualTo("first");
  }

  @Test
  void givesAnIndexAgainOnceItIsFree() {
    EntropySource repeating = scripted(7, 7);
    IndexTable<String> table = new IndexTable<>();
    table.allocate("first", repeating);

    assertThat(table.remove(7)).isEqualTo("first");
    assertThat(table.get(7)).isNull();
    assertThat(table.remove(7)).isNull();
    assertThat(table.allocate("second", repeating)).isEqualTo(7);
    assertThat(table.get(7)).isEqualTo("second");
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void letsAnIndexStandForSomethingElse() {
    IndexTable<String> table = new IndexTable<>();
    int index = table.allocate("handshake", entropy);
    table.replace(index, "session");

    assertThat(table.get(index)).isEqualTo("session");
    assertThatIllegalArgumentException().isThrownBy(() -> table.replace(index + 1, "nothing"));
  }

  @Test
  void behavesAsAHashMap() {
    SplittableRandom random = Seed.random("IndexTable");
    EntropySource source = new SeededEntropy(random.nextLong());
    IndexTable<Integer> table = new IndexTable<>();
    Map<Integer, Integer> twin = new HashMap<>();
    for (int step = 0; step < 200_000; step++) {
      if (random.nextInt(100) < (step < 100_000 ? 55 : 45) || twin.isEmpty()) {
        int index = table.allocate(step, source);
        assertThat(twin.put(index, step)).isNull();
      } else {
        Iterator<Integer> some = twin.keySet().iterator();
        int index = some.next();
        assertThat(table.remove(index)).isEqualTo(twin.remove(index));
      }
    }
    assertThat(table.size()).isEqualTo(twin.size());
    twin.forEach((index, value) -> assertThat(table.get(index)).isEqualTo(value));
    for (int probe = 0; probe < 10_000; probe++) {
      int index = random.nextInt();
      assertThat(table.get(index)).isEqualTo(twin.get(index));
    }
  }

  @Test
  void readersAlwaysFindWhatStaysWhileTheTableGrowsAndShrinks() throws InterruptedException {
    IndexTable<Integer> table = new IndexTable<>();
    List<Integer> lasting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      lasting.add(table.allocate(i, entropy));
    }
    AtomicBoolean ended = new AtomicBoolean();
    AtomicReference<String> wrong = new AtomicReference<>();
    Thread reader =
        new Thread(() -> {
          while (!ended.get() && wrong.get() == null) {
            for (int i = 0; i < lasting.size(); i++) {
              Integer found = table.get(lasting.get(i));
              if (found == null || found != i) {
                wrong.set("index of " + i + " led to " + found);
              }
            }
          }
        });
    reader.start();
    List<Integer> passing = new ArrayList<>();
    for (int round = 0; round < 60 && wrong.get() == null; round++) {
      for (int i = 0; i < 2_000; i++) {
        passing.add(table.allocate(-1, entropy));
      }
      passing.forEach(table::remove);
      passing.clear();
    }
    ended.set(true);
    reader.join();
    assertThat(wrong.get()).isNull();
  }

  private static EntropySource scripted(int... values) {
    return new EntropySource() {
      private int next;

      @Override
      public void fill(MemorySegment target) {
        throw new UnsupportedOperationException();
      }

      @Override
      public int nextInt() {
        return values[next++];
      }
    };
  }
}
