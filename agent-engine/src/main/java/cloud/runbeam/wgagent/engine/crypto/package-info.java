/**
 * The primitives of WireGuard (paper, section 5.4): BLAKE2s, HMAC and KDF, X25519, the AEADs, and
 * the off-heap memory that secret keys live in.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.crypto;

import org.jspecify.annotations.NullMarked;
