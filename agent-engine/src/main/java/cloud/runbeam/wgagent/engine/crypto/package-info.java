/**
 * The primitives of WireGuard (paper, section 5.4): BLAKE2s, HMAC and KDF, X25519, the AEADs, and
 * the off-heap memory that secret keys live in.
 *
 * <p>All of it but the packet ciphers is our own: a library keeps copies of keys in arrays that
 * nobody else can wipe, and {@code MemorySearchTest} finds them. Libraries are what the tests
 * compare with.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.crypto;

import org.jspecify.annotations.NullMarked;
