/**
 * Cryptokey routing (WireGuard paper, section 2): which peer a destination belongs to, and which
 * peer a source may come from; and the table that finds a session by its index.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.routing;

import org.jspecify.annotations.NullMarked;
