/**
 * Why a packet does or does not get through. {@link cloud.runbeam.wgagent.app.why.Why} follows one
 * packet from the routing rule to the peer and judges each link of the chain by what the system and
 * the engine say; it guesses nothing and changes nothing. The first broken link is the answer, with
 * what to do about it.
 */
@NullMarked
package cloud.runbeam.wgagent.app.why;

import org.jspecify.annotations.NullMarked;
