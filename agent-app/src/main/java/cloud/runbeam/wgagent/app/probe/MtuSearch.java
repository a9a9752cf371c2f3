package cloud.runbeam.wgagent.app.probe;

import java.util.OptionalInt;

/**
 * Finds the longest packet that passes, one trial at a time.
 *
 * <pre>
 *   FULL ── the interface's MTU is answered ──────────▶ SETTLED for ten minutes, then FULL again
 *    │ three trials lost
 *    ▼
 *   FLOOR ── the least that must pass is lost too ────▶ SETTLED, length unknown: not a matter of length
 *    │ answered
 *    ▼
 *   HALVING ── until the gap is 16 bytes ─────────────▶ SETTLED, with what passed
 * </pre>
 *
 * <p>A trial only counts when a short packet was answered at the same time, so that a path that is
 * down altogether does not look like one that swallows long packets. Lengths go in steps of 16
 * bytes, to which WireGuard pads. One thread's.
 */
final class MtuSearch {
  /** A lost packet may be bad luck; three in a row hardly. */
  private static final int TRIALS = 3;

  /** WireGuard pads to this. */
  private static final int STEP_BYTES = 16;

  /** RFC 8200 section 5: what every link carries for IPv6. */
  private static final int IPV6_FLOOR_BYTES = 1_280;

  /** RFC 791 section 3.2: what every host takes. */
  private static final int IPV4_FLOOR_BYTES = 576;

  private static final long INTERVAL_NS = 600_000_000_000L;

  private final int floorBytes;
  private Phase phase = Phase.FULL;
  private int fullBytes;
  private int passedBytes;
  private int lostBytes;
  private int lostTrials;
  private long nextNs;
  private OptionalInt found = OptionalInt.empty();

  MtuSearch(boolean ipv6) {
    this.floorBytes = ipv6 ? IPV6_FLOOR_BYTES : IPV4_FLOOR_BYTES;
  }

  /** The longest packet that was found to pass; stays as it was while it is looked for again. */
  OptionalInt found() {
    return found;
  }

  /** Whether something is being tried, so that the next trial should follow soon. */
  boolean isUnderWay() {
    return phase != Phase.SETTLED && (phase != Phase.FULL || lostTrials > 0);
  }

  /** Whether packets as long as the interface takes do not pass. */
  boolean isBlackHole() {
    return found.isPresent() && found.getAsInt() < fullBytes;
  }

  /**
   * The length to try now, if any.
   *
   * @param interfaceMtuBytes the interface's MTU; when it changes, everything starts anew
   */
  OptionalInt next(int interfaceMtuBytes, long nowNs) {
    if (interfaceMtuBytes != fullBytes) {
      fullBytes = interfaceMtuBytes;
      found = OptionalInt.empty();
      enter(Phase.FULL);
    }
    if (phase == Phase.SETTLED && nowNs - nextNs >= 0) {
      enter(Phase.FULL);
    }
    return switch (phase) {
      case FULL -> OptionalInt.of(fullBytes);
      case FLOOR -> OptionalInt.of(Math.min(floorBytes, fullBytes));
      case HALVING -> OptionalInt.of(middle());
      case SETTLED -> OptionalInt.empty();
    };
  }

  /** What came of the trial of {@link #next}. */
  void tried(boolean answered, long nowNs) {
    if (!answered && ++lostTrials < TRIALS) {
      return;
    }
    lostTrials = 0;
    switch (phase) {
      case FULL -> {
        if (answered) {
          settle(OptionalInt.of(fullBytes), nowNs);
        } else {
          enter(Phase.FLOOR);
        }
      }
      case FLOOR -> {
        if (answered && floorBytes < fullBytes) {
          passedBytes = floorBytes;
          lostBytes = fullBytes;
          enter(Phase.HALVING);
        } else {
          settle(OptionalInt.empty(), nowNs);
        }
      }
      case HALVING -> halve(answered, nowNs);
      case SETTLED -> {}
    }
  }

  private void halve(boolean answered, long nowNs) {
    if (answered) {
      passedBytes = middle();
    } else {
      lostBytes = middle();
    }
    if (lostBytes - passedBytes <= STEP_BYTES) {
      settle(OptionalInt.of(passedBytes), nowNs);
    }
  }

  /** Strictly between what passed and what did not, as long as they are more than a step apart. */
  private int middle() {
    int half = (lostBytes - passedBytes) / 2;
    return passedBytes + Math.max(STEP_BYTES, half - half % STEP_BYTES);
  }

  private void settle(OptionalInt bytes, long nowNs) {
    found = bytes;
    nextNs = nowNs + INTERVAL_NS;
    enter(Phase.SETTLED);
  }

  private void enter(Phase next) {
    phase = next;
    lostTrials = 0;
  }

  private enum Phase {
    FULL,
    FLOOR,
    HALVING,
    SETTLED
  }
}
