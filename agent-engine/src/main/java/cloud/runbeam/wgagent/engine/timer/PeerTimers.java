package cloud.runbeam.wgagent.engine.timer;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The five timers of a peer (paper, section 6; events and rules as in the kernel's
 * drivers/net/wireguard/timers.c). No timer is started or stopped per packet: packet threads note
 * since when something is owed, the conductor looks at the notes when the earliest of them could be
 * due.
 *
 * <pre>
 *   timer                 armed by                                disarmed by                       due after
 *   retry handshake       handshakeInitiated                      handshakeComplete                 5 s + jitter
 *   keepalive             dataReceived, unless armed              authenticatedPacketSent           10 s
 *   new handshake         dataSent, unless armed                  authenticatedPacketReceived       15 s + jitter
 *   wipe keys             sessionDerived, or giving up            stop                              540 s
 *   persistent keepalive  every authenticatedPacketTraversal      interval 0                        the interval
 * </pre>
 *
 * <h2>Threads</h2>
 *
 * Events may come from either packet thread and from the conductor, once per batch and peer.
 * Everything else is the conductor's. Times are those of the monotonic clock; 0 means "not armed",
 * so that a time of exactly 0 is noted as 1 ns.
 *
 * <h2>Waking the conductor</h2>
 *
 * {@link #nextDeadlineNs} publishes in {@code lookAgainNs} when the conductor will look at this
 * peer again. An event that arms a timer returns true if that is too late for it; the caller then
 * has the conductor look ({@link TimerWheel#request}). While traffic flows, arming and disarming go
 * on at every batch but the conductor's next look is never more than 10 s away, so that it is woken
 * at most once per timer and look.
 *
 * <p>No wake-up is lost: an event does "write note, then read lookAgain", the conductor does "write
 * lookAgain, then read notes", all four with volatile order. In the one order in which volatile
 * accesses take place, one of the two writes comes first and the other side's read, which follows
 * its own write, sees it: either the event sees the new lookAgain and asks to be looked at, or the
 * conductor sees the note and shortens its deadline. Reading the notes once more after publishing
 * is what the loop in {@link #nextDeadlineNs} does.
 */
public final class PeerTimers {
  /** No deadline. */
  public static final long NONE = TimerWheel.NONE;

  // What due() returns: a set of these.

  /** Send another initiation, without a local source address: it may be what is wrong. */
  public static final int RETRY_HANDSHAKE = 1;

  /** Initiations were not answered for 90 s: drop what waits for the handshake. */
  public static final int GIVE_UP = 1 << 1;

  /** Send an empty message, then call {@link #keepaliveSent}. */
  public static final int SEND_KEEPALIVE = 1 << 2;

  /** Data was sent and nothing came back: start a handshake, without a local source address. */
  public static final int NEW_HANDSHAKE = 1 << 3;

  /** Wipe all keypairs and the handshake. */
  public static final int ZERO_KEYS = 1 << 4;

  /** Send an empty message because the user wants one every so often. */
  public static final int PERSISTENT_KEEPALIVE = 1 << 5;

  /**
   * A traversal is not noted again within this time: the persistent keepalive may come so much
   * early, and in return two busy packet threads do not pull one cache line back and forth.
   */
  static final long TRAVERSAL_GRANULARITY_NS = 10_000_000;

  private static final VarHandle KEEPALIVE_OWED_SINCE;
  private static final VarHandle ANOTHER_OWED;
  private static final VarHandle UNANSWERED_SINCE;
  private static final VarHandle LAST_TRAVERSAL;
  private static final VarHandle LOOK_AGAIN;
  private static final VarHandle PERSISTENT_INTERVAL;
  private static final VarHandle ACTIVE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Class<?> self = PeerTimers.class;
      KEEPALIVE_OWED_SINCE = lookup.findVarHandle(self, "keepaliveOwedSinceNs", long.class);
      ANOTHER_OWED = lookup.findVarHandle(self, "anotherKeepaliveOwed", boolean.class);
      UNANSWERED_SINCE = lookup.findVarHandle(self, "unansweredSinceNs", long.class);
      LAST_TRAVERSAL = lookup.findVarHandle(self, "lastTraversalNs", long.class);
      LOOK_AGAIN = lookup.findVarHandle(self, "lookAgainNs", long.class);
      PERSISTENT_INTERVAL = lookup.findVarHandle(self, "persistentIntervalNs", long.class);
      ACTIVE = lookup.findVarHandle(self, "active", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EntropySource entropy;

  // Any thread, by the events. 0: not armed.

  @SuppressWarnings("UnusedVariable") // through KEEPALIVE_OWED_SINCE
  private long keepaliveOwedSinceNs;

  @SuppressWarnings("UnusedVariable") // through ANOTHER_OWED
  private boolean anotherKeepaliveOwed;

  @SuppressWarnings("UnusedVariable") // through UNANSWERED_SINCE
  private long unansweredSinceNs;

  @SuppressWarnings("UnusedVariable") // through LAST_TRAVERSAL
  private long lastTraversalNs;

  // The conductor; read by the events.
  @SuppressWarnings("UnusedVariable") // through LOOK_AGAIN
  private long lookAgainNs = NONE;

  private long persistentIntervalNs;
  private boolean active = true;

  // The conductor. 0: not armed.
  private long retryAtNs;
  private long zeroKeysAtNs;
  private long lastHandshakeSentNs;
  private long newHandshakeJitterNs;
  private int attempts;

  /**
   * Timers of a new peer, none armed. {@code entropy} gives the jitter and is used by the conductor
   * only.
   */
  public PeerTimers(EntropySource entropy) {
    this.entropy = entropy;
    this.newHandshakeJitterNs = jitterNs();
  }

  // Events: packet threads and the conductor. Each returns whether the conductor has to look at
  // this peer.

  /** A transport message with content was sent. */
  public boolean dataSent(long nowNs) {
    return isActive()
        && (long) UNANSWERED_SINCE.getOpaque(this) == 0
        && UNANSWERED_SINCE.compareAndSet(this, 0L, note(nowNs))
        && isTooLate(nowNs + ProtocolTimings.NEW_HANDSHAKE_AFTER_NS);
  }

  /** A transport message with content was received. */
  public boolean dataReceived(long nowNs) {
    if (!isActive()) {
      return false;
    }
    if ((long) KEEPALIVE_OWED_SINCE.getOpaque(this) != 0
        || !KEEPALIVE_OWED_SINCE.compareAndSet(this, 0L, note(nowNs))) {
      if (!(boolean) ANOTHER_OWED.getOpaque(this)) {
        ANOTHER_OWED.setOpaque(this, true);
      }
      return false;
    }
    return isTooLate(nowNs + ProtocolTimings.KEEPALIVE_TIMEOUT_NS);
  }

  /**
   * Anything that the peer can authenticate was sent: data, keepalive or handshake. Answers all
   * that was received so far (the kernel keeps its wish for another keepalive here; that would cost
   * one needless message in most pauses).
   */
  public void authenticatedPacketSent() {
    long owedSince = (long) KEEPALIVE_OWED_SINCE.getOpaque(this);
    if (owedSince != 0) {
      KEEPALIVE_OWED_SINCE.compareAndSet(this, owedSince, 0L);
    }
    if ((boolean) ANOTHER_OWED.getOpaque(this)) {
      ANOTHER_OWED.setOpaque(this, false);
    }
  }

  /** Anything that authenticates was received: data, keepalive or handshake. */
  public void authenticatedPacketReceived() {
    long unansweredSince = (long) UNANSWERED_SINCE.getOpaque(this);
    if (unansweredSince != 0) {
      UNANSWERED_SINCE.compareAndSet(this, unansweredSince, 0L);
    }
  }

  /** Anything that authenticates is about to be sent or was received. */
  public boolean authenticatedPacketTraversal(long nowNs) {
    long intervalNs = (long) PERSISTENT_INTERVAL.getOpaque(this);
    if (intervalNs == 0 || !isActive()) {
      return false;
    }
    long last = (long) LAST_TRAVERSAL.getOpaque(this);
    if (last != 0 && nowNs - last < TRAVERSAL_GRANULARITY_NS) {
      // An interval is a second or more, so that due() cannot be taking this note away just now.
      return false;
    }
    // An exchange, because due() may take the note away in between: only the true predecessor tells
    // whether this arms the timer.
    return (long) LAST_TRAVERSAL.getAndSet(this, note(nowNs)) == 0 && isTooLate(nowNs + intervalNs);
  }

  private boolean isTooLate(long deadlineNs) {
    long lookAgain = (long) LOOK_AGAIN.getVolatile(this);
    return lookAgain == NONE || lookAgain - deadlineNs > 0;
  }

  private boolean isActive() {
    return (boolean) ACTIVE.getOpaque(this);
  }

  // Events of the conductor. After one or several of them: nextDeadlineNs().

  /**
   * A handshake is wanted for a new reason (data waits, keys grow old, silence): counts its
   * attempts from 0 again.
   */
  public void handshakeWanted() {
    attempts = 0;
  }

  /**
   * Whether Rekey-Timeout has passed since the last initiation or response was sent (paper, section
   * 6.1: no more than one in that time).
   */
  public boolean mayInitiate(long nowNs) {
    return lastHandshakeSentNs == 0
        || nowNs - lastHandshakeSentNs >= ProtocolTimings.REKEY_TIMEOUT_NS;
  }

  /**
   * An initiation was sent. The caller reports it as authenticated packet sent and traversal, too.
   */
  public void handshakeInitiated(long nowNs) {
    attempts++;
    lastHandshakeSentNs = note(nowNs);
    retryAtNs = note(nowNs + ProtocolTimings.REKEY_TIMEOUT_NS + jitterNs());
  }

  /** A response was sent. The caller reports it as authenticated packet sent and traversal, too. */
  public void handshakeResponded(long nowNs) {
    lastHandshakeSentNs = note(nowNs);
  }

  /** A response was received, or the first message under keys that we answered with. */
  public void handshakeComplete() {
    retryAtNs = 0;
    attempts = 0;
  }

  /** Session keys were made, in either role. */
  public void sessionDerived(long nowNs) {
    zeroKeysAtNs = note(nowNs + ProtocolTimings.ZERO_KEYS_AFTER_NS);
  }

  /**
   * A handshake is wanted but may not begin yet, because one message of the kind was just sent and
   * nothing may come of it: it begins when Rekey-Timeout has passed, unless the other completes.
   */
  public void handshakePostponed() {
    if (retryAtNs == 0 && lastHandshakeSentNs != 0) {
      retryAtNs = note(lastHandshakeSentNs + ProtocolTimings.REKEY_TIMEOUT_NS + jitterNs());
    }
  }

  /**
   * The device has another identity: under it nothing was initiated yet, so that the next
   * initiation need not wait for Rekey-Timeout (kernel: wg_noise_reset_last_sent_handshake).
   */
  public void identityReplaced() {
    retryAtNs = 0;
    lastHandshakeSentNs = 0;
    attempts = 0;
  }

  /**
   * The keepalive that {@link #due} asked for was sent; stands for {@link
   * #authenticatedPacketSent}. If more data had come in since the keepalive was first owed, another
   * one is owed from now on.
   */
  public void keepaliveSent(long nowNs) {
    boolean another = (boolean) ANOTHER_OWED.getOpaque(this);
    authenticatedPacketSent();
    if (another && active) {
      KEEPALIVE_OWED_SINCE.setVolatile(this, note(nowNs));
    }
  }

  /**
   * Changes the persistent keepalive.
   *
   * @param seconds 0 to 65,535; 0 switches it off
   * @return whether it was off and is on now, when one should be sent at once
   */
  public boolean setPersistentKeepalive(int seconds) {
    if (seconds < 0 || seconds > 65_535) {
      throw new IllegalArgumentException("persistent keepalive of " + seconds + " s");
    }
    boolean turnedOn = persistentIntervalNs == 0 && seconds != 0;
    PERSISTENT_INTERVAL.setOpaque(this, seconds * 1_000_000_000L);
    if (seconds == 0) {
      LAST_TRAVERSAL.setVolatile(this, 0L);
    }
    return turnedOn;
  }

  /** The persistent keepalive in seconds, 0 when off. Any thread. */
  public int persistentKeepaliveSeconds() {
    return (int) ((long) PERSISTENT_INTERVAL.getOpaque(this) / 1_000_000_000L);
  }

  /**
   * Disarms everything and ignores events until {@link #start}: the link went down or the peer is
   * gone. The interval is kept.
   */
  public void stop() {
    ACTIVE.setVolatile(this, false);
    forgetNotes();
    retryAtNs = 0;
    zeroKeysAtNs = 0;
    lastHandshakeSentNs = 0;
    attempts = 0;
  }

  /** Lets events arm timers again; new timers are started. */
  public void start() {
    if (!active) {
      // An event that was under way during stop() may have left a note behind.
      forgetNotes();
      ACTIVE.setVolatile(this, true);
    }
  }

  private void forgetNotes() {
    KEEPALIVE_OWED_SINCE.setVolatile(this, 0L);
    ANOTHER_OWED.setVolatile(this, false);
    UNANSWERED_SINCE.setVolatile(this, 0L);
    LAST_TRAVERSAL.setVolatile(this, 0L);
  }

  /** Initiations sent in a row without an answer. */
  public int attempts() {
    return attempts;
  }

  // Looking: the conductor.

  /**
   * What is due. Each timer that is due is disarmed: sending what it asks for arms it again,
   * through the events. Call {@link #nextDeadlineNs} once that is done.
   *
   * @return a set of {@link #RETRY_HANDSHAKE} and the constants beside it, 0 for nothing
   */
  public int due(long nowNs) {
    if (!active) {
      return 0;
    }
    int actions = 0;
    if (isDue(retryAtNs, nowNs)) {
      actions |= retryOrGiveUp(nowNs);
    }
    if (takeIfDue(KEEPALIVE_OWED_SINCE, ProtocolTimings.KEEPALIVE_TIMEOUT_NS, nowNs)) {
      actions |= SEND_KEEPALIVE;
    }
    if (takeIfDue(
        UNANSWERED_SINCE, ProtocolTimings.NEW_HANDSHAKE_AFTER_NS + newHandshakeJitterNs, nowNs)) {
      newHandshakeJitterNs = jitterNs();
      actions |= NEW_HANDSHAKE;
    }
    if (isDue(zeroKeysAtNs, nowNs)) {
      zeroKeysAtNs = 0;
      actions |= ZERO_KEYS;
    }
    if (persistentIntervalNs != 0 && takeIfDue(LAST_TRAVERSAL, persistentIntervalNs, nowNs)) {
      actions |= PERSISTENT_KEEPALIVE;
    }
    return actions;
  }

  private int retryOrGiveUp(long nowNs) {
    retryAtNs = 0;
    if (attempts < ProtocolTimings.MAX_HANDSHAKE_ATTEMPTS) {
      return RETRY_HANDSHAKE;
    }
    KEEPALIVE_OWED_SINCE.setVolatile(this, 0L);
    ANOTHER_OWED.setOpaque(this, false);
    if (zeroKeysAtNs == 0) {
      // What is left of a half-finished handshake is wiped in time, too.
      zeroKeysAtNs = note(nowNs + ProtocolTimings.ZERO_KEYS_AFTER_NS);
    }
    return GIVE_UP;
  }

  private boolean takeIfDue(VarHandle since, long afterNs, long nowNs) {
    long noted = (long) since.getVolatile(this);
    return noted != 0 && nowNs - noted >= afterNs && since.compareAndSet(this, noted, 0L);
  }

  private static boolean isDue(long atNs, long nowNs) {
    return atNs != 0 && nowNs - atNs >= 0;
  }

  /**
   * When {@link #due} may next have something to say, or {@link #NONE}. The caller looks again by
   * then at the latest: from now on, events rely on it.
   */
  public long nextDeadlineNs() {
    long next = earliestDeadlineNs();
    while (true) {
      LOOK_AGAIN.setVolatile(this, next);
      long again = earliestDeadlineNs();
      if (again == NONE || (next != NONE && again - next >= 0)) {
        return next;
      }
      next = again;
    }
  }

  private long earliestDeadlineNs() {
    if (!active) {
      return NONE;
    }
    long earliest = NONE;
    earliest = earlier(earliest, retryAtNs, 0);
    earliest = earlier(earliest, zeroKeysAtNs, 0);
    earliest =
        earlier(
            earliest,
            (long) KEEPALIVE_OWED_SINCE.getVolatile(this),
            ProtocolTimings.KEEPALIVE_TIMEOUT_NS);
    earliest =
        earlier(
            earliest,
            (long) UNANSWERED_SINCE.getVolatile(this),
            ProtocolTimings.NEW_HANDSHAKE_AFTER_NS + newHandshakeJitterNs);
    if (persistentIntervalNs != 0) {
      earliest = earlier(earliest, (long) LAST_TRAVERSAL.getVolatile(this), persistentIntervalNs);
    }
    return earliest;
  }

  private static long earlier(long earliest, long sinceNs, long afterNs) {
    if (sinceNs == 0) {
      return earliest;
    }
    long deadline = sinceNs + afterNs;
    return earliest == NONE || deadline - earliest < 0 ? deadline : earliest;
  }

  private static long note(long timeNs) {
    return timeNs == 0 ? 1 : timeNs;
  }

  private long jitterNs() {
    // The upper bits of an unsigned 32-bit value times the range: uniform, without the remainder's
    // bias.
    return ((entropy.nextInt() & 0xFFFF_FFFFL) * ProtocolTimings.JITTER_MAX_NS) >>> 32;
  }
}
