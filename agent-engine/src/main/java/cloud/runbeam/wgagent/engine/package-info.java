/**
 * WireGuard as a library. {@link cloud.runbeam.wgagent.engine.WireGuardDevice} is the way in: give
 * it a TUN device, UDP, clocks and entropy, apply a {@link
 * cloud.runbeam.wgagent.engine.DeviceChange}, read snapshots, close it.
 *
 * <p>The reading order of the packages is the way of a packet: {@code io} and {@code memory} (what
 * a packet lies in), {@code path} (the threads that carry it), {@code routing} (whose it is),
 * {@code peer} (what is known of them), {@code noise}, {@code cookie}, {@code session}, {@code
 * wire} (how it is protected), {@code timer} (what happens when nothing happens), {@code crypto}.
 */
@NullMarked
package cloud.runbeam.wgagent.engine;

import org.jspecify.annotations.NullMarked;
