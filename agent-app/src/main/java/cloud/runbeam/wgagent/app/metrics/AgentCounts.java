package cloud.runbeam.wgagent.app.metrics;

/**
 * What the agent as a whole has counted so far.
 *
 * @param clockJumps jumps of the wall clock
 * @param logLinesLeftOut lines of the log left out because there were too many like them
 */
public record AgentCounts(long clockJumps, long logLinesLeftOut) {}
