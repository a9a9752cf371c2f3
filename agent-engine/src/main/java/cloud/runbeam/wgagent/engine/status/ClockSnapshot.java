package cloud.runbeam.wgagent.engine.status;

import java.time.Duration;
import java.util.Optional;

/**
 * What the engine thinks of the wall clock.
 *
 * @param jumps how often it was found to have jumped against the monotonic clock by more than half
 *     a minute
 * @param lastJump by how much it jumped last, negative for back
 * @param problem why the last timestamp cannot be remembered, if so: after a restart with a clock
 *     that went back, peers may refuse us
 */
public record ClockSnapshot(long jumps, Optional<Duration> lastJump, Optional<String> problem) {}
