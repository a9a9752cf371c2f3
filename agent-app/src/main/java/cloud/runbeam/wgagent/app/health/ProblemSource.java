package cloud.runbeam.wgagent.app.health;

import java.util.Optional;

/**
 * Something of the whole agent, not of one network, that may be wrong without stopping it: its keys
 * could be swapped out, its clock jumps, its audit log cannot be written. Makes the agent degraded,
 * never failed. Asked at each look; any thread; does not block.
 */
@FunctionalInterface
public interface ProblemSource {
  /** What is wrong and what to do, in one line without secrets; empty while all is well. */
  Optional<String> problem();
}
