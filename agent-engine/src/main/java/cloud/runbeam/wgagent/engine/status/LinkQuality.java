package cloud.runbeam.wgagent.engine.status;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How well packets of a peer arrive here, judged by their counters alone, over the last minute.
 *
 * @param lossRatio share of the packets the peer numbered that never came, 0 to 1; empty without
 *     traffic
 * @param reorderRatio share of the packets received that came behind a later one, 0 to 1; empty
 *     without traffic
 * @param duplicateRatio packets refused as seen before, against those received; empty without
 *     traffic
 * @param silentFor how long ago the last authenticated message came; empty if none ever did
 */
public record LinkQuality(
    OptionalDouble lossRatio,
    OptionalDouble reorderRatio,
    OptionalDouble duplicateRatio,
    Optional<Duration> silentFor) {

  /** Nothing was ever received. */
  public static final LinkQuality UNKNOWN =
      new LinkQuality(
          OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty(), Optional.empty());
}
