/**
 * What is known of the other side: a {@link cloud.runbeam.wgagent.engine.peer.Peer} joins its
 * handshake, keypairs, timers, endpoint, packets that wait for a session, and counters. It has no
 * thread; each member says whose it is.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.peer;

import org.jspecify.annotations.NullMarked;
