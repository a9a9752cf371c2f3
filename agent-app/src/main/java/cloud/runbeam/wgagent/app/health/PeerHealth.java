package cloud.runbeam.wgagent.app.health;

import java.time.Duration;
import java.util.Optional;

/**
 * One peer, judged.
 *
 * @param name in the configuration
 * @param publicKey in base64
 * @param active whether there is a session
 * @param healthy whether the peer does what can be expected of it now
 * @param reason why it is not healthy, with what to do; empty otherwise
 * @param handshakeAge since the last completed handshake
 */
public record PeerHealth(
    String name,
    String publicKey,
    boolean active,
    boolean healthy,
    String reason,
    Optional<Duration> handshakeAge) {}
