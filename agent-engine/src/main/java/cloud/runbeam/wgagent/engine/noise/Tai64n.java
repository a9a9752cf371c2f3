package cloud.runbeam.wgagent.engine.noise;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Instant;

/**
 * A TAI64N label (cr.yp.to/libtai/tai64.html), the {@code TIMESTAMP()} of the paper, section 5.4: 8
 * bytes of seconds and 4 of nanoseconds, big-endian. Immutable.
 *
 * <p>It only has to grow. What a peer sent may be any 96 bits, so both parts compare as unsigned
 * numbers, as their bytes do.
 *
 * @param seconds TAI seconds, 2^62 standing for the start of 1970
 * @param nanoseconds within the second; from a peer, any 32 bits
 */
public record Tai64n(long seconds, int nanoseconds) implements Comparable<Tai64n> {
  /** Length in bytes. */
  public static final int BYTES = 12;

  /**
   * 2^62, and the 10 seconds by which TAI was ahead of UTC in 1970; leap seconds since then are of
   * no interest here.
   */
  private static final long LABEL_OF_UNIX_EPOCH = (1L << 62) + 10;

  /**
   * Our times are rounded down to 2^24 ns, about 17 ms, as in the Linux kernel: initiations are at
   * least 20 ms apart, and a finer clock would tell strangers about this host's load.
   */
  private static final int WHITENING_MASK = 0x00FF_FFFF;

  private static final int STEP_NANOSECONDS = WHITENING_MASK + 1;
  private static final int NANOSECONDS_PER_SECOND = 1_000_000_000;

  private static final ValueLayout.OfLong SECONDS =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt NANOSECONDS =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** The label of a time of day, rounded down to about 17 ms. */
  public static Tai64n of(Instant time) {
    return new Tai64n(
        LABEL_OF_UNIX_EPOCH + time.getEpochSecond(), time.getNano() & ~WHITENING_MASK);
  }

  /** The label in the 12 bytes at {@code offset}. */
  public static Tai64n read(MemorySegment source, long offset) {
    return new Tai64n(source.get(SECONDS, offset), source.get(NANOSECONDS, offset + Long.BYTES));
  }

  /** The time of day that this labels. */
  public Instant toInstant() {
    return Instant.ofEpochSecond(seconds - LABEL_OF_UNIX_EPOCH, nanoseconds);
  }

  /** Writes 12 bytes to {@code target} from {@code offset} on. */
  public void write(MemorySegment target, long offset) {
    target.set(SECONDS, offset, seconds);
    target.set(NANOSECONDS, offset + Long.BYTES, nanoseconds);
  }

  /** Whether this label is later than {@code other}. */
  public boolean isAfter(Tai64n other) {
    return compareTo(other) > 0;
  }

  /**
   * This label, or, when the clock went back, the first one after {@code last}: what is sent must
   * grow.
   */
  public Tai64n orAfter(Tai64n last) {
    if (isAfter(last)) {
      return this;
    }
    long next = (last.nanoseconds & ~WHITENING_MASK & 0xFFFF_FFFFL) + STEP_NANOSECONDS;
    return next < NANOSECONDS_PER_SECOND
        ? new Tai64n(last.seconds, (int) next)
        : new Tai64n(last.seconds + 1, 0);
  }

  /** In the order of the labels' bytes. */
  @Override
  public int compareTo(Tai64n other) {
    int bySeconds = Long.compareUnsigned(seconds, other.seconds);
    return bySeconds != 0 ? bySeconds : Integer.compareUnsigned(nanoseconds, other.nanoseconds);
  }
}
