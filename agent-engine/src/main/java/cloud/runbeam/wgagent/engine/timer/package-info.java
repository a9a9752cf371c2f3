/**
 * What happens when nothing happens (WireGuard paper, section 6): the protocol's constants, the
 * five timers of a peer, and the wheel that wakes the conductor for them. No clock is read here;
 * time is passed in.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.timer;

import org.jspecify.annotations.NullMarked;
