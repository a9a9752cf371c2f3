package cloud.runbeam.wgagent.engine.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.testkit.Seed;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjLongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeerTimersTest {
  /** Before zero, so that deadlines fall on either side of it. */
  private static final long START = -7_123_456_789L;

  /** No jitter at all: the table below is exact. */
  private static final EntropySource NO_JITTER = constant(0);

  private final PeerTimers timers = new PeerTimers(NO_JITTER);

  /** Each event that arms a timer, the action it leads to, and after which time. */
  @SuppressWarnings("ImmutableEnumChecker") // Method references have no state.
  enum Arming {
    RETRY(PeerTimers::handshakeInitiated, PeerTimers.RETRY_HANDSHAKE, 5, false),
    KEEPALIVE(PeerTimers::dataReceived, PeerTimers.SEND_KEEPALIVE, 10, true),
    NEW_HANDSHAKE(PeerTimers::dataSent, PeerTimers.NEW_HANDSHAKE, 15, true),
    ZERO_KEYS(PeerTimers::sessionDerived, PeerTimers.ZERO_KEYS, 540, false),
    PERSISTENT(PeerTimers::authenticatedPacketTraversal, PeerTimers.PERSISTENT_KEEPALIVE, 25, true);

    private final ObjLongConsumer<PeerTimers> event;
    private final int action;
    private final long afterNs;
    private final boolean anyThread;

    Arming(ObjLongConsumer<PeerTimers> event, int action, long afterSeconds, boolean anyThread) {
      this.event = event;
      this.action = action;
      this.afterNs = seconds(afterSeconds);
      this.anyThread = anyThread;
    }
  }

  @ParameterizedTest
  @EnumSource
  void firesOnceWhenItsTimeHasPassed(Arming arming) {
    timers.setPersistentKeepalive(25);
    arming.event.accept(timers, START);

    assertThat(timers.nextDeadlineNs()).isEqualTo(START + arming.afterNs);
    assertThat(timers.due(START + arming.afterNs - 1)).isZero();
    assertThat(timers.due(START + arming.afterNs)).isEqualTo(arming.action);
    assertThat(timers.due(START + 10 * arming.afterNs)).isZero();
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
  }

  @ParameterizedTest
  @EnumSource
  void countsFromATimeOfZeroToo(Arming arming) {
    timers.setPersistentKeepalive(25);
    arming.event.accept(timers, 0);

    assertThat(timers.due(arming.afterNs - 1)).isZero();
    assertThat(timers.due(arming.afterNs + 1)).isEqualTo(arming.action);
  }

  @ParameterizedTest
  @EnumSource
  void countsAcrossTheOverflowOfTheClock(Arming arming) {
    long start = Long.MAX_VALUE - seconds(2);
    timers.setPersistentKeepalive(25);
    arming.event.accept(timers, start);

    assertThat(timers.due(start + arming.afterNs - 1)).isZero();
    assertThat(timers.due(start + arming.afterNs)).isEqualTo(arming.action);
  }

  @ParameterizedTest
  @EnumSource
  void forgetsEverythingWhenStopped(Arming arming) {
    timers.setPersistentKeepalive(25);
    arming.event.accept(timers, START);
    timers.stop();

    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
    assertThat(timers.due(START + seconds(1_000))).isZero();
    timers.start();
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
    assertThat(timers.persistentKeepaliveSeconds()).isEqualTo(25);
  }

  @Test
  void ignoresPacketsWhileStopped() {
    timers.setPersistentKeepalive(25);
    timers.stop();

    assertThat(timers.dataSent(START)).isFalse();
    assertThat(timers.dataReceived(START)).isFalse();
    assertThat(timers.authenticatedPacketTraversal(START)).isFalse();
    timers.start();
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
    assertThat(timers.dataSent(START)).isTrue();
  }

  // Handshakes.

  @Test
  void addsJitterOfUpToAThirdOfASecond() {
    SplittableRandom random = Seed.random("PeerTimers jitter");
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1_000; i++) {
      PeerTimers jittered = new PeerTimers(new SeededEntropy(random.nextLong()));
      jittered.handshakeInitiated(START);
      long jitter = jittered.nextDeadlineNs() - START - seconds(5);
      least = Math.min(least, jitter);
      most = Math.max(most, jitter);
      jittered.stop();
      jittered.start();
      jittered.dataSent(START);
      assertThat(jittered.nextDeadlineNs() - START - seconds(15))
          .isBetween(0L, ProtocolTimings.JITTER_MAX_NS);
    }
    assertThat(least).isBetween(0L, 20_000_000L);
    assertThat(most).isBetween(310_000_000L, 333_333_333L);
    assertThat(new PeerTimers(constant(-1)).attempts()).isZero();
  }

  @Test
  void givesUpAfterEighteenInitiationsInNinetySeconds() {
    long now = START;
    timers.handshakeWanted();
    for (int attempt = 1; attempt <= 18; attempt++) {
      assertThat(timers.mayInitiate(now)).isTrue();
      timers.handshakeInitiated(now);
      assertThat(timers.attempts()).isEqualTo(attempt);
      assertThat(timers.mayInitiate(now + seconds(5) - 1)).isFalse();
      now += seconds(5);
      assertThat(timers.due(now))
          .isEqualTo(attempt < 18 ? PeerTimers.RETRY_HANDSHAKE : PeerTimers.GIVE_UP);
    }
    assertThat(now - START).isEqualTo(ProtocolTimings.REKEY_ATTEMPT_TIME_NS);
    assertThat(timers.nextDeadlineNs()).isEqualTo(now + seconds(540));
    assertThat(timers.due(now + seconds(540))).isEqualTo(PeerTimers.ZERO_KEYS);
  }

  @Test
  void givingUpDropsTheKeepaliveAndKeepsAnEarlierWipe() {
    timers.sessionDerived(START);
    long now = START + seconds(100);
    for (int attempt = 1; attempt <= 18; attempt++) {
      timers.handshakeInitiated(now);
      now += seconds(5);
      if (attempt == 18) {
        timers.dataReceived(now);
      }
      timers.due(now);
    }
    assertThat(timers.nextDeadlineNs()).isEqualTo(START + seconds(540));
    assertThat(timers.due(now + seconds(10))).isZero();
  }

  @Test
  void startsCountingAgainForANewReason() {
    for (int attempt = 1; attempt <= 17; attempt++) {
      timers.handshakeInitiated(START);
    }
    timers.handshakeWanted();
    timers.handshakeInitiated(START);

    assertThat(timers.attempts()).isEqualTo(1);
    assertThat(timers.due(START + seconds(5))).isEqualTo(PeerTimers.RETRY_HANDSHAKE);
  }

  @Test
  void doesNotRetryACompletedHandshake() {
    timers.handshakeInitiated(START);
    timers.handshakeComplete();

    assertThat(timers.due(START + seconds(5))).isZero();
    assertThat(timers.attempts()).isZero();
  }

  @Test
  void aResponseCountsAgainstTheRateOfInitiations() {
    assertThat(timers.mayInitiate(START)).isTrue();
    timers.handshakeResponded(START);

    assertThat(timers.mayInitiate(START + seconds(5) - 1)).isFalse();
    assertThat(timers.mayInitiate(START + seconds(5))).isTrue();
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
  }

  @Test
  void anythingReceivedAnswersTheDataSent() {
    timers.dataSent(START);
    timers.authenticatedPacketReceived();
    assertThat(timers.due(START + seconds(15))).isZero();

    timers.dataSent(START + seconds(20));
    assertThat(timers.due(START + seconds(35))).isEqualTo(PeerTimers.NEW_HANDSHAKE);
  }

  @Test
  void waitsFromTheFirstUnansweredData() {
    timers.dataSent(START);
    timers.dataSent(START + seconds(14));

    assertThat(timers.due(START + seconds(15))).isEqualTo(PeerTimers.NEW_HANDSHAKE);
    timers.dataSent(START + seconds(16));
    assertThat(timers.nextDeadlineNs()).isEqualTo(START + seconds(31));
  }

  @Test
  void aNewSessionPutsTheWipeOff() {
    timers.sessionDerived(START);
    timers.sessionDerived(START + seconds(120));

    assertThat(timers.due(START + seconds(540))).isZero();
    assertThat(timers.due(START + seconds(660))).isEqualTo(PeerTimers.ZERO_KEYS);
  }

  // Keepalives.

  @Test
  void anythingSentAnswersTheDataReceived() {
    timers.dataReceived(START);
    timers.dataReceived(START + 1);
    timers.authenticatedPacketSent();

    assertThat(timers.due(START + seconds(10))).isZero();
    timers.dataReceived(START + seconds(11));
    assertThat(timers.due(START + seconds(21))).isEqualTo(PeerTimers.SEND_KEEPALIVE);
    timers.keepaliveSent(START + seconds(21));
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
  }

  @Test
  void owesAnotherKeepaliveWhenMoreDataCameInBeforeTheFirst() {
    timers.dataReceived(START);
    timers.dataReceived(START + seconds(9));
    assertThat(timers.due(START + seconds(10))).isEqualTo(PeerTimers.SEND_KEEPALIVE);
    timers.keepaliveSent(START + seconds(10));

    assertThat(timers.nextDeadlineNs()).isEqualTo(START + seconds(20));
    assertThat(timers.due(START + seconds(20))).isEqualTo(PeerTimers.SEND_KEEPALIVE);
    timers.keepaliveSent(START + seconds(20));
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
  }

  @Test
  void everyPacketPutsThePersistentKeepaliveOff() {
    assertThat(timers.setPersistentKeepalive(25)).isTrue();
    timers.authenticatedPacketTraversal(START);
    timers.authenticatedPacketTraversal(START + seconds(20));

    assertThat(timers.due(START + seconds(25))).isZero();
    assertThat(timers.nextDeadlineNs()).isEqualTo(START + seconds(45));
    assertThat(timers.due(START + seconds(45))).isEqualTo(PeerTimers.PERSISTENT_KEEPALIVE);
    timers.authenticatedPacketTraversal(START + seconds(45));
    assertThat(timers.nextDeadlineNs()).isEqualTo(START + seconds(70));
  }

  @Test
  void notesATraversalAtMostEveryTenMilliseconds() {
    timers.setPersistentKeepalive(1);
    timers.authenticatedPacketTraversal(START);
    timers.authenticatedPacketTraversal(START + PeerTimers.TRAVERSAL_GRANULARITY_NS - 1);
    assertThat(timers.nextDeadlineNs()).isEqualTo(START + seconds(1));
    timers.authenticatedPacketTraversal(START + PeerTimers.TRAVERSAL_GRANULARITY_NS);
    assertThat(timers.nextDeadlineNs())
        .isEqualTo(START + PeerTimers.TRAVERSAL_GRANULARITY_NS + seconds(1));
  }

  @Test
  void switchesThePersistentKeepaliveOnAndOff() {
    assertThat(timers.setPersistentKeepalive(0)).isFalse();
    assertThat(timers.authenticatedPacketTraversal(START)).isFalse();
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
    assertThat(timers.setPersistentKeepalive(65_535)).isTrue();
    assertThat(timers.setPersistentKeepalive(10)).isFalse();
    assertThat(timers.persistentKeepaliveSeconds()).isEqualTo(10);
    timers.authenticatedPacketTraversal(START);
    assertThat(timers.setPersistentKeepalive(0)).isFalse();
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
    assertThatIllegalArgumentException().isThrownBy(() -> timers.setPersistentKeepalive(65_536));
    assertThatIllegalArgumentException().isThrownBy(() -> timers.setPersistentKeepalive(-1));
  }

  // Waking the conductor.

  @ParameterizedTest
  @EnumSource
  void asksToBeLookedAtOnlyWhenNobodyWouldInTime(Arming arming) {
    if (!arming.anyThread) {
      return;
    }
    timers.setPersistentKeepalive(25);
    assertThat(raise(arming, START)).as("nothing scheduled").isTrue();
    assertThat(timers.nextDeadlineNs()).isEqualTo(START + arming.afterNs);
    timers.authenticatedPacketSent();
    timers.authenticatedPacketReceived();
    assertThat(raise(arming, START + seconds(1))).as("looked at before that").isFalse();

    timers.stop();
    timers.start();
    assertThat(timers.nextDeadlineNs()).isEqualTo(PeerTimers.NONE);
    timers.sessionDerived(START);
    assertThat(timers.nextDeadlineNs()).isEqualTo(START + seconds(540));
    assertThat(raise(arming, START + seconds(1))).as("looked at too late").isTrue();
  }

  private boolean raise(Arming arming, long nowNs) {
    return switch (arming) {
      case KEEPALIVE -> timers.dataReceived(nowNs);
      case NEW_HANDSHAKE -> timers.dataSent(nowNs);
      case PERSISTENT -> timers.authenticatedPacketTraversal(nowNs);
      default -> throw new IllegalArgumentException(arming.name());
    };
  }

  /**
   * A packet thread arms and disarms while the conductor looks and goes to sleep. If a wake-up were
   * lost, the conductor would sleep with a timer armed that nobody told it of.
   */
  @Test
  void losesNoWakeUpBetweenTwoThreads() throws InterruptedException {
    int rounds = 20_000;
    PeerTimers[] shared = new PeerTimers[rounds];
    Arrays.setAll(shared, round -> new PeerTimers(NO_JITTER));
    boolean[] woken = new boolean[rounds];
    AtomicInteger begun = new AtomicInteger(-1);
    AtomicInteger ended = new AtomicInteger(-1);
    Thread packets =
        Thread.ofPlatform()
            .start(() -> {
              for (int round = 0; round < rounds; round++) {
                waitFor(begun, round);
                woken[round] = shared[round].dataReceived(START);
                ended.set(round);
              }
            });
    int seenBySleeper = 0;
    for (int round = 0; round < rounds; round++) {
      begun.set(round);
      long sleepsUntil = shared[round].nextDeadlineNs();
      waitFor(ended, round);
      boolean awakeInTime = sleepsUntil == START + seconds(10);
      seenBySleeper += awakeInTime ? 1 : 0;
      assertThat(awakeInTime || woken[round]).as("round %d", round).isTrue();
    }
    packets.join();
    System.out.println("the conductor saw the note itself in " + seenBySleeper + " of " + rounds);
  }

  private static void waitFor(AtomicInteger counter, int value) {
    while (counter.get() < value) {
      Thread.onSpinWait();
    }
  }

  private static EntropySource constant(int value) {
    return new EntropySource() {
      @Override
      public void fill(MemorySegment target) {
        throw new UnsupportedOperationException();
      }

      @Override
      public int nextInt() {
        return value;
      }
    };
  }

  private static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }
}
