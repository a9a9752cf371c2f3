/**
 * Tunnels: what brings a network of the configuration up on this machine, and takes every trace of
 * it away again.
 *
 * <p>{@link cloud.runbeam.wgagent.app.tunnel.TunnelService} decides what may happen and lets one
 * thing happen at a time per network; {@link cloud.runbeam.wgagent.app.tunnel.Tunnel} does it, step
 * by step, with the inverse of each step on its {@link cloud.runbeam.wgagent.app.tunnel.UndoStack}.
 * Knows nothing of who asks and who watches; makes no clock, timer or thread itself.
 */
@NullMarked
package cloud.runbeam.wgagent.app.tunnel;

import org.jspecify.annotations.NullMarked;
