/**
 * Tunnels: what brings a network up on this machine, changes it while it runs, and takes every
 * trace of it away again.
 *
 * <pre>
 *   TunnelService     decides what may happen; one thing at a time per network
 *    └ Tunnel         one network: what it shall be, where it is in its life
 *       ├ NetworkComparison   what differs between two settings
 *       ├ RunningNetwork      what stands while it is up, step by step, each with its inverse
 *       └ PeerWatch           once a second: endpoints, names, events, MTU
 *   Reloader, ConfirmedApply  changes from the file, changes that undo themselves
 *   Events                    what happened, for whoever listens
 * </pre>
 *
 * <p>Knows nothing of who asks and who watches; makes no clock, timer or thread itself.
 */
@NullMarked
package cloud.runbeam.wgagent.app.tunnel;

import org.jspecify.annotations.NullMarked;
