package cloud.runbeam.wgagent.engine.timer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines of all peers of all devices, for the conductor. A hierarchical wheel (Varghese and
 * Lauck, 1987, scheme 6.2): four rings of 64 slots, each slot of a ring as long as the whole ring
 * below it.
 *
 * <pre>
 *   ring 0: 64 slots of 4.2 ms    ring 1: of 268 ms    ring 2: of 17 s    ring 3: of 18 min, 19.5 h in all
 * </pre>
 *
 * <p>Scheduling and cancelling take constant time. A deadline is never early and at most one slot
 * of ring 0 late. One in ring 1 to 3 moves down when its slot comes up, so that {@link
 * #nextDeadlineNs} may name a time at which nothing fires, at most three times for each deadline;
 * with nothing scheduled there is no next time at all and an idle conductor sleeps.
 *
 * <p>Everything belongs to the conductor except {@link #request}, by which any thread asks for an
 * owner to be looked at. Requests form a stack linked through the entries themselves: nothing is
 * allocated, nothing can be refused, and it is never longer than the number of entries, because an
 * entry is on it at most once.
 *
 * @param <T> what a deadline belongs to
 */
public final class TimerWheel<T> {
  /** No deadline. */
  public static final long NONE = Long.MAX_VALUE;

  private static final int TICK_SHIFT = 22;
  private static final int SLOT_BITS = 6;
  private static final int SLOTS = 1 << SLOT_BITS;
  private static final int RINGS = 4;

  private static final VarHandle REQUESTS;
  private static final VarHandle REQUESTED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      REQUESTS = lookup.findVarHandle(TimerWheel.class, "requests", Entry.class);
      REQUESTED = lookup.findVarHandle(Entry.class, "requested", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * The place of one owner in the wheel. Made by {@link TimerWheel#newEntry}, used with that wheel
   * only.
   *
   * @param <T> what a deadline belongs to
   */
  public static final class Entry<T> {
    private final @Nullable T owner;

    // The conductor: neighbours in a ring's slot, null when in none.
    private @Nullable Entry<T> before;
    private @Nullable Entry<T> after;
    private long tick;
    private int slot = -1;
    private boolean removed;

    // Whoever changed requested from false to true, then the conductor.
    private @Nullable Entry<T> nextRequest;

    @SuppressWarnings("UnusedVariable") // through REQUESTED
    private boolean requested;

    private Entry(@Nullable T owner) {
      this.owner = owner;
    }

    private void insertBefore(Entry<T> next) {
      Entry<T> previous = Objects.requireNonNull(next.before);
      before = previous;
      after = next;
      previous.after = this;
      next.before = this;
    }

    private void unlink() {
      Entry<T> previous = Objects.requireNonNull(before);
      Entry<T> next = Objects.requireNonNull(after);
      previous.after = next;
      next.before = previous;
      before = null;
      after = null;
    }

    private boolean isLinked() {
      return after != null;
    }
  }

  // The conductor.
  private final long originNs;
  private final Entry<T>[] heads;
  private final long[] occupied = new long[RINGS];
  private final Entry<T> overdue = newHead();
  private final Entry<T> firing = newHead();
  private long elapsedTicks;

  // Any thread pushes, the conductor takes all.
  @SuppressWarnings("UnusedVariable") // through REQUESTS
  private @Nullable Entry<T> requests;

  /** An empty wheel that starts turning at {@code nowNs}. */
  @SuppressWarnings({
    "unchecked",
    "rawtypes"
  }) // An array of a generic type cannot be made otherwise.
  public TimerWheel(long nowNs) {
    this.originNs = nowNs;
    this.heads = new Entry[RINGS * SLOTS];
    for (int i = 0; i < heads.length; i++) {
      heads[i] = newHead();
    }
  }

  private static <T> Entry<T> newHead() {
    Entry<T> head = new Entry<>(null);
    head.before = head;
    head.after = head;
    return head;
  }

  /** A place for {@code owner}, with no deadline. */
  public Entry<T> newEntry(T owner) {
    return new Entry<>(owner);
  }

  /**
   * Sets or moves the deadline of {@code entry}; {@link #NONE} takes it away. A deadline that has
   * passed fires at the next poll.
   */
  public void schedule(Entry<T> entry, long deadlineNs) {
    cancel(entry);
    if (deadlineNs == NONE || entry.removed) {
      return;
    }
    long fromOriginNs = deadlineNs - originNs;
    // Rounded up, so that nothing fires early.
    entry.tick = fromOriginNs <= 0 ? 0 : ((fromOriginNs - 1) >>> TICK_SHIFT) + 1;
    place(entry);
  }

  /** Takes the deadline away; it may also be one that is firing just now. */
  public void cancel(Entry<T> entry) {
    if (!entry.isLinked()) {
      return;
    }
    entry.unlink();
    int slot = entry.slot;
    if (slot >= 0 && heads[slot].after == heads[slot]) {
      occupied[slot / SLOTS] &= ~(1L << slot); // Java takes the shift modulo 64.
    }
    entry.slot = -1;
  }

  /**
   * Takes the entry out for good: its owner is not looked at any more, whatever was requested or is
   * firing.
   */
  public void remove(Entry<T> entry) {
    cancel(entry);
    entry.removed = true;
  }

  /**
   * Asks that the owner be looked at in the next poll. Any thread; what the caller wrote before is
   * seen there.
   *
   * @return whether the conductor has to be woken: false if others asked before and it has not
   *     answered yet
   */
  public boolean request(Entry<T> entry) {
    if ((boolean) REQUESTED.getVolatile(entry) || !REQUESTED.compareAndSet(entry, false, true)) {
      return false;
    }
    while (true) {
      @SuppressWarnings("unchecked")
      Entry<T> top = (Entry<T>) REQUESTS.getVolatile(this);
      entry.nextRequest = top;
      if (REQUESTS.compareAndSet(this, top, entry)) {
        return top == null;
      }
    }
  }

  /** Whether a request waits. Any thread. */
  public boolean hasRequests() {
    return REQUESTS.getVolatile(this) != null;
  }

  /**
   * Hands out every owner that was requested or whose deadline has passed; its deadline is gone
   * then. {@code action} may schedule, cancel and remove any entry; what it schedules into the past
   * fires at the next poll, not in this one.
   *
   * @return how many owners were handed out
   */
  public int poll(long nowNs, Consumer<? super T> action) {
    int handedOut = pollRequests(action);
    advance(Math.max(0, nowNs - originNs) >>> TICK_SHIFT);
    while (true) {
      Entry<T> entry = Objects.requireNonNull(firing.after);
      if (entry == firing) {
        return handedOut;
      }
      entry.unlink();
      action.accept(Objects.requireNonNull(entry.owner));
      handedOut++;
    }
  }

  private int pollRequests(Consumer<? super T> action) {
    int handedOut = 0;
    @SuppressWarnings("unchecked")
    Entry<T> entry = (Entry<T>) REQUESTS.getAndSet(this, null);
    while (entry != null) {
      Entry<T> next = entry.nextRequest;
      entry.nextRequest = null;
      // Before the owner is looked at: a request made from here on pushes the entry again.
      REQUESTED.setVolatile(entry, false);
      if (!entry.removed) {
        action.accept(Objects.requireNonNull(entry.owner));
        handedOut++;
      }
      entry = next;
    }
    return handedOut;
  }

  /** When {@link #poll} should run next, or {@link #NONE}; requests apart. */
  public long nextDeadlineNs() {
    if (overdue.after != overdue) {
      return originNs + (elapsedTicks << TICK_SHIFT);
    }
    int slot = nextSlot();
    return slot < 0 ? NONE : originNs + (startTick(slot) << TICK_SHIFT);
  }

  /**
   * Moves everything due up to {@code nowTick} to the firing list, and the rest of every slot
   * passed to the ring below.
   */
  private void advance(long nowTick) {
    moveAll(overdue, nowTick);
    while (true) {
      int slot = nextSlot();
      if (slot < 0) {
        break;
      }
      long start = startTick(slot);
      if (start > nowTick) {
        break;
      }
      elapsedTicks = start;
      occupied[slot / SLOTS] &= ~(1L << slot);
      moveAll(heads[slot], nowTick);
    }
    elapsedTicks = Math.max(elapsedTicks, nowTick);
  }

  private void moveAll(Entry<T> head, long nowTick) {
    // Entries that go back into the same slot, one turn later, are put behind this one.
    Entry<T> last = Objects.requireNonNull(head.before);
    if (last == head) {
      return;
    }
    boolean more = true;
    while (more) {
      Entry<T> entry = Objects.requireNonNull(head.after);
      more = entry != last;
      entry.unlink();
      entry.slot = -1;
      if (entry.tick <= nowTick) {
        entry.insertBefore(firing);
      } else {
        place(entry);
      }
    }
  }

  private void place(Entry<T> entry) {
    if (entry.tick <= elapsedTicks) {
      entry.insertBefore(overdue);
      return;
    }
    // The highest bit in which the deadline differs from the present tells the ring.
    int highestBit = 63 - Long.numberOfLeadingZeros(elapsedTicks ^ entry.tick);
    int ring = Math.min(highestBit / SLOT_BITS, RINGS - 1);
    int slot = ring * SLOTS + (int) ((entry.tick >>> (ring * SLOT_BITS)) & (SLOTS - 1));
    entry.slot = slot;
    occupied[ring] |= 1L << slot;
    entry.insertBefore(heads[slot]);
  }

  /**
   * The occupied slot that comes up first, or -1. A lower ring always comes before a higher one.
   */
  private int nextSlot() {
    for (int ring = 0; ring < RINGS; ring++) {
      if (occupied[ring] != 0) {
        // From the slot behind the present one: that itself holds only what is a whole turn away.
        int from = (int) (elapsedTicks >>> (ring * SLOT_BITS)) + 1;
        int distance = Long.numberOfTrailingZeros(Long.rotateRight(occupied[ring], from));
        return ring * SLOTS + ((from + distance) & (SLOTS - 1));
      }
    }
    return -1;
  }

  /** The next tick at which {@code slot} comes up. */
  private long startTick(int slot) {
    int shift = slot / SLOTS * SLOT_BITS;
    long turn = 1L << (shift + SLOT_BITS);
    long start = (elapsedTicks & -turn) + ((long) (slot & (SLOTS - 1)) << shift);
    // Only in the highest ring: a deadline more than one turn away shares the slot of a nearer
    // time.
    return start <= elapsedTicks ? start + turn : start;
  }
}
