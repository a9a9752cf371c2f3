/**
 * The MACs at the end of handshake messages and the cookies that prove a source address (WireGuard
 * paper, sections 5.3, 5.4.4 and 5.4.7), and the limit on how often one source may make us compute.
 *
 * <p>In the order in which a message that arrives meets them: {@link
 * cloud.runbeam.wgagent.engine.cookie.Mac1}, {@link
 * cloud.runbeam.wgagent.engine.cookie.CookieChecker}, {@link
 * cloud.runbeam.wgagent.engine.cookie.HandshakeRateLimiter}. {@link
 * cloud.runbeam.wgagent.engine.cookie.CookieGenerator} is the other side: it completes the messages
 * that we send.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.cookie;

import org.jspecify.annotations.NullMarked;
