/**
 * Noise_IKpsk2 as WireGuard uses it (paper, section 5.4): {@link
 * cloud.runbeam.wgagent.engine.noise.Handshake} makes and reads the two messages of one peer, and
 * from both sides come the keys of a session.
 *
 * <p>A state machine without clock, entropy or network of its own, for the conductor thread. MACs
 * and cookies are not its business: see {@code engine.cookie}.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.noise;

import org.jspecify.annotations.NullMarked;
