/**
 * What a handshake leaves behind (WireGuard paper, sections 5.4.5 and 5.4.6): a pair of keys with
 * the counter that numbers what is sent and the window that refuses what was received before, and
 * the three slots in which a peer's pairs succeed one another.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.session;

import org.jspecify.annotations.NullMarked;
