/**
 * WireGuard's four messages as bytes (paper, section 5.4): {@link
 * cloud.runbeam.wgagent.engine.wire.PacketGate} decides once, at the edge, what a datagram is; one
 * layout per message says where its fields lie.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.wire;

import org.jspecify.annotations.NullMarked;
