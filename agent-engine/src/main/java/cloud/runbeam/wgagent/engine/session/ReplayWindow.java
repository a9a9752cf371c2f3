package cloud.runbeam.wgagent.engine.session;

/**
 * Accepts every counter once and refuses what is too old to tell (paper, section 5.4.6; algorithm
 * of RFC 6479: a ring of blocks that is cleared a block at a time as the window moves, instead of a
 * bitmap that is shifted).
 *
 * <pre>
 *              oldest counter told apart                 highest seen
 *                        v                                    v
 *   refused  | block 0 | block 1 |  ...                | block 128 |
 *            |&lt;-------------- 129 blocks of 64, a ring --------------&gt;|
 * </pre>
 *
 * <p>The highest counter and the {@value #WINDOW_COUNTERS} - 1 below it are told apart exactly. The
 * kernel tells 8,128 apart; the one block more costs eight bytes.
 *
 * <p>One thread only, the one that opens the packets, and only after they authenticated. The ring
 * is made with the first counter, so that a keypair that never receives costs nothing.
 */
public final class ReplayWindow {
  /** How many counters, ending with the highest seen, are told apart. */
  public static final int WINDOW_COUNTERS = 8_192;

  private static final int BLOCKS = WINDOW_COUNTERS / Long.SIZE + 1;
  private static final long[] NONE = {};

  private long[] ring = NONE;
  private long highest;

  /**
   * Marks {@code counter} as seen.
   *
   * @param counter an unsigned 64-bit value that came with a message that authenticated
   * @return false if it was seen before, is behind the window, or is not below {@link
   *     SendCounter#REJECT_AFTER_MESSAGES}
   */
  public boolean accept(long counter) {
    if (Long.compareUnsigned(counter, SendCounter.REJECT_AFTER_MESSAGES) >= 0) {
      return false;
    }
    if (ring.length == 0) {
      ring = new long[BLOCKS];
    }
    long block = counter >>> 6;
    if (Long.compareUnsigned(counter, highest) > 0) {
      clearUpTo(block);
      highest = counter;
    } else if (Long.compareUnsigned(highest - counter, WINDOW_COUNTERS) >= 0) {
      return false;
    }
    int slot = (int) (block % BLOCKS);
    long bit = 1L << counter; // Java takes the shift modulo 64.
    if ((ring[slot] & bit) != 0) {
      return false;
    }
    ring[slot] |= bit;
    return true;
  }

  /** The highest counter accepted, an unsigned value; 0 before the first. */
  public long highest() {
    return highest;
  }

  /** Clears the blocks that the window enters when its highest counter moves into {@code block}. */
  private void clearUpTo(long block) {
    long from = highest >>> 6;
    long entered = Math.min(block - from, BLOCKS);
    for (long i = 1; i <= entered; i++) {
      ring[(int) ((from + i) % BLOCKS)] = 0;
    }
  }
}
