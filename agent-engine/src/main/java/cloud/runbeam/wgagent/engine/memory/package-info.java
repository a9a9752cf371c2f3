/**
 * Off-heap packet memory. One {@link cloud.runbeam.wgagent.engine.memory.PacketArena} per device
 * owns all of it; batches are carved out for the packet threads once; single packets that must wait
 * or change threads borrow a buffer from the bounded pool, where empty means back-pressure.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.memory;

import org.jspecify.annotations.NullMarked;
