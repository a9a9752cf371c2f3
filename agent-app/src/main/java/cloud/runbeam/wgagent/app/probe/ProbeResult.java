package cloud.runbeam.wgagent.app.probe;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What probing a peer found.
 *
 * @param latency round trip of the last echo that was answered
 * @param lossRatio share of the last {@value #WINDOW} echoes, or of as many as there were, that was
 *     not answered; 0 to 1
 * @param pathMtuBytes the longest packet inside the tunnel that was found to pass; empty until
 *     known
 * @param blackHole whether packets as long as the interface takes do not pass
 * @param problem why there is no answer or no probing, with what to do
 */
public record ProbeResult(
    Optional<Duration> latency,
    double lossRatio,
    OptionalInt pathMtuBytes,
    boolean blackHole,
    Optional<String> problem) {
  /** How many echoes count. */
  public static final int WINDOW = 20;
}
