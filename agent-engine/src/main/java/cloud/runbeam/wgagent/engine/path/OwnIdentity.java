package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.cookie.CookieChecker;
import cloud.runbeam.wgagent.engine.cookie.Mac1;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;

/**
 * A key pair of this device and what others prove that they know it by. Conductor only.
 *
 * @param identity the key pair
 * @param mac1 verifies that a message was meant for this key (paper, section 5.4.4)
 * @param cookies gives and recognises cookies in this key's name
 */
record OwnIdentity(LocalIdentity identity, Mac1 mac1, CookieChecker cookies)
    implements AutoCloseable {

  /** The identity of {@code privateKey}, which belongs to it from now on. */
  static OwnIdentity of(SecretKey privateKey, DevicePath.Parts parts) {
    LocalIdentity identity = new LocalIdentity(parts.keys(), privateKey);
    return new OwnIdentity(
        identity,
        new Mac1(identity.publicKey()),
        new CookieChecker(parts.keys(), parts.entropy(), identity.publicKey()));
  }

  /** Wipes the key pair and the cookies' secret; handshakes must have forgotten it before. */
  @Override
  public void close() {
    cookies.close();
    identity.close();
  }
}
