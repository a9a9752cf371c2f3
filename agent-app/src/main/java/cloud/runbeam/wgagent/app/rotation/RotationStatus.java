package cloud.runbeam.wgagent.app.rotation;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.time.Instant;
import java.util.Optional;

/**
 * How a rotation stands, or how it ended. No secrets.
 *
 * @param publicKey the new key
 * @param previousPublicKey the key before it
 * @param phase how far it has come
 * @param overlapUntil when it ends by itself; empty when it has ended
 * @param peersMoved peers that have a handshake with the new key
 * @param peersTotal peers of the network
 */
public record RotationStatus(
    PublicKey publicKey,
    PublicKey previousPublicKey,
    RotationPhase phase,
    Optional<Instant> overlapUntil,
    int peersMoved,
    int peersTotal) {}
