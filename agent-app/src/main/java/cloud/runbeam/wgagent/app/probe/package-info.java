/**
 * Measures tunnels from inside: peers that have {@code probe} are asked for an echo every few
 * seconds, for latency and loss, and now and then for a long one, to find a path that swallows long
 * packets ("black hole") before users do. {@link cloud.runbeam.wgagent.app.probe.ProbeAgent} goes
 * round the peers; {@link cloud.runbeam.wgagent.app.probe.MtuSearch} finds the length that passes.
 */
@NullMarked
package cloud.runbeam.wgagent.app.probe;

import org.jspecify.annotations.NullMarked;
