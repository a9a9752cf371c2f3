package cloud.runbeam.wgagent.engine.timer;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.Seed;
import cloud.runbeam.wgagent.engine.timer.TimerWheel.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
  private static final long START = -123_456_789_012L;

  /** How late a deadline may be: one slot of the lowest ring. */
  private static final long SLACK_NS = 1 << 22;

  private final TimerWheel<String> wheel = new TimerWheel<>(START);
  private final List<String> fired = new ArrayList<>();

  @Test
  void hasNoDeadlineWhileNothingIsScheduled() {
    wheel.newEntry("a");
    assertThat(wheel.nextDeadlineNs()).isEqualTo(TimerWheel.NONE);
    assertThat(wheel.poll(START + seconds(1_000_000), fired::add)).isZero();
  }

  @Test
  void firesNeverEarlyAndHardlyLate() {
    for (long delay :
        new long[] {
          1,
          1_000_000,
          SLACK_NS,
          seconds(1),
          seconds(25),
          seconds(540),
          seconds(7_200),
          seconds(65_535),
          seconds(200_000)
        }) {
      TimerWheel<String> fresh = new TimerWheel<>(START);
      List<String> seen = new ArrayList<>();
      fresh.schedule(fresh.newEntry("a"), START + delay);
      fresh.poll(START + delay - 1, seen::add);
      assertThat(seen).as("%d ns", delay).isEmpty();
      fresh.poll(START + delay + SLACK_NS, seen::add);
      assertThat(seen).as("%d ns", delay).containsExactly("a");
      assertThat(fresh.nextDeadlineNs()).isEqualTo(TimerWheel.NONE);
    }
  }

  @Test
  void firesWhatIsAlreadyPastAtTheNextPoll() {
    wheel.poll(START + seconds(10), fired::add);
    wheel.schedule(wheel.newEntry("past"), START + seconds(5));
    wheel.schedule(wheel.newEntry("long past"), START - seconds(5));

    assertThat(wheel.nextDeadlineNs()).isLessThanOrEqualTo(START + seconds(10));
    wheel.poll(START + seconds(10), fired::add);
    assertThat(fired).containsExactlyInAnyOrder("past", "long past");
  }

  @Test
  void movesAndCancelsDeadlines() {
    Entry<String> moved = wheel.newEntry("moved");
    Entry<String> cancelled = wheel.newEntry("cancelled");
    Entry<String> none = wheel.newEntry("none");
    wheel.schedule(moved, START + seconds(1));
    wheel.schedule(cancelled, START + seconds(1));
    wheel.schedule(none, START + seconds(1));
    wheel.schedule(moved, START + seconds(100));
    wheel.cancel(cancelled);
    wheel.cancel(cancelled);
    wheel.schedule(none, TimerWheel.NONE);

    wheel.poll(START + seconds(99), fired::add);
    assertThat(fired).isEmpty();
    wheel.poll(START + seconds(101), fired::add);
    assertThat(fired).containsExactly("moved");
    assertThat(wheel.nextDeadlineNs()).isEqualTo(TimerWheel.NONE);
  }

  @Test
  void mayBeChangedWhileItFires() {
    Entry<String> first = wheel.newEntry("first");
    Entry<String> second = wheel.newEntry("second");
    Entry<String> third = wheel.newEntry("third");
    wheel.schedule(first, START + seconds(1));
    wheel.schedule(second, START + seconds(2));
    wheel.schedule(third, START + seconds(3));

    int count =
        wheel.poll(
            START + seconds(4),
            owner -> {
              fired.add(owner);
              wheel.remove(third);
              wheel.schedule(first, START);
            });

    assertThat(fired).containsExactly("first", "second");
    assertThat(count).isEqualTo(2);
    fired.clear();
    wheel.poll(START + seconds(4), fired::add);
    assertThat(fired).containsExactly("first");
    wheel.schedule(third, START + seconds(5));
    assertThat(wheel.poll(START + seconds(6), fired::add)).isZero();
  }

  @Test
  void wakesAtMostThreeTimesInVainForADeadline() {
    SplittableRandom random = Seed.random("TimerWheel wake-ups");
    for (int round = 0; round < 2_000; round++) {
      long start = START + random.nextLong(seconds(100_000));
      TimerWheel<String> fresh = new TimerWheel<>(START);
      fresh.poll(start, fired::add);
      long deadline = start + random.nextLong(seconds(65_535));
      fresh.schedule(fresh.newEntry("a"), deadline);
      int polls = 0;
      while (fresh.nextDeadlineNs() != TimerWheel.NONE) {
        fresh.poll(fresh.nextDeadlineNs(), fired::add);
        polls++;
      }
      assertThat(polls).isBetween(1, 4);
    }
  }

  @Test
  void behavesAsAMapOfDeadlines() {
    SplittableRandom random = Seed.random("TimerWheel");
    for (int round = 0; round < 40; round++) {
      long now = START;
      TimerWheel<Integer> tested = new TimerWheel<>(now);
      List<Entry<Integer>> entries = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        entries.add(tested.newEntry(i));
      }
      Map<Integer, Long> twin = new HashMap<>();
      long scale = seconds(1) << random.nextInt(20);
      for (int step = 0; step < 500; step++) {
        for (int change = random.nextInt(6); change > 0; change--) {
          int who = random.nextInt(entries.size());
          if (random.nextInt(5) == 0) {
            tested.cancel(entries.get(who));
            twin.remove(who);
          } else {
            long deadline = now + random.nextLong(scale) - scale / 50;
            tested.schedule(entries.get(who), deadline);
            twin.put(who, deadline);
          }
        }
        long next = tested.nextDeadlineNs();
        for (long deadline : twin.values()) {
          assertThat(next).isLessThanOrEqualTo(Math.max(deadline, now) + SLACK_NS);
        }
        now =
            random.nextInt(3) == 0 && next != TimerWheel.NONE
                ? Math.max(next, now)
                : now + random.nextLong(scale / 10);
        long present = now;
        tested.poll(
            now,
            owner -> {
              Long deadline = twin.remove(owner);
              assertThat(deadline).isNotNull().isLessThanOrEqualTo(present);
            });
        for (long deadline : twin.values()) {
          assertThat(deadline).isGreaterThan(now - SLACK_NS);
        }
      }
    }
  }

  @Test
  void handsOutWhatWasRequestedOnce() {
    Entry<String> a = wheel.newEntry("a");
    Entry<String> b = wheel.newEntry("b");
    Entry<String> gone = wheel.newEntry("gone");

    assertThat(wheel.hasRequests()).isFalse();
    assertThat(wheel.request(a)).isTrue();
    assertThat(wheel.request(a)).isFalse();
    assertThat(wheel.request(b)).isFalse();
    wheel.request(gone);
    wheel.remove(gone);
    assertThat(wheel.hasRequests()).isTrue();

    assertThat(wheel.poll(START, fired::add)).isEqualTo(2);
    assertThat(fired).containsExactlyInAnyOrder("a", "b");
    assertThat(wheel.hasRequests()).isFalse();
    assertThat(wheel.request(a)).isTrue();
  }

  @Test
  void losesNoRequestOfSeveralThreads() throws InterruptedException {
    int owners = 64;
    int requestsEach = 2_000;
    TimerWheel<Integer> shared = new TimerWheel<>(START);
    List<Entry<Integer>> entries = new ArrayList<>();
    for (int i = 0; i < owners; i++) {
      entries.add(shared.newEntry(i));
    }
    AtomicIntegerArray asked = new AtomicIntegerArray(owners);
    int[] seen = new int[owners];
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < requestsEach; n++) {
                  for (int i = 0; i < owners; i++) {
                    asked.incrementAndGet(i);
                    shared.request(entries.get(i));
                  }
                }
              }));
    }
    boolean running = true;
    while (running) {
      running = threads.stream().anyMatch(Thread::isAlive);
      // Whoever asked before the request is taken must be seen with all that it wrote.
      shared.poll(START, owner -> seen[owner] = asked.get(owner));
    }
    for (int i = 0; i < owners; i++) {
      assertThat(seen[i]).isEqualTo(2 * requestsEach);
    }
  }

  private static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }
}
