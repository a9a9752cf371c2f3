package cloud.runbeam.wgagent.engine.testkit;

import java.time.Duration;

/**
 * What a {@link ToyNetwork} does to datagrams. Reordering follows from delays that differ.
 *
 * @param loss probability that a datagram vanishes, 0 to 1
 * @param duplication probability that it arrives twice
 * @param leastDelay the shortest time under way
 * @param mostDelay the longest
 */
public record LinkConditions(
    double loss, double duplication, Duration leastDelay, Duration mostDelay) {
  /** Everything arrives at once, in order, once. */
  public static final LinkConditions PERFECT =
      new LinkConditions(0, 0, Duration.ZERO, Duration.ZERO);

  /** Everything arrives after {@code delay}, in order, once. */
  public static LinkConditions delayed(Duration delay) {
    return new LinkConditions(0, 0, delay, delay);
  }
}
