package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.X25519;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code DH(S_i, S_r)} of one peer with each of our identities: the same in every handshake, so
 * computed once, when first needed. Ten thousand peers can then be configured without ten thousand
 * multiplications.
 */
final class StaticSecrets implements AutoCloseable {
  private final KeyArena arena;
  private final PublicKey remoteStatic;

  /** One entry, two during a rotation of our key. */
  private final List<Entry> entries = new ArrayList<>(1);

  StaticSecrets(KeyArena arena, PublicKey remoteStatic) {
    this.arena = arena;
    this.remoteStatic = remoteStatic;
  }

  /**
   * The secret shared with {@code identity}, which stays here; null if the peer's key is of low
   * order (RFC 7748 section 6.1).
   */
  @Nullable SecretKey with(LocalIdentity identity) {
    for (Entry entry : entries) {
      if (entry.identity == identity) {
        return entry.secret;
      }
    }
    SecretKey secret = arena.allocate();
    if (!X25519.agree(identity.privateKey(), remoteStatic, secret)) {
      secret.close();
      return null;
    }
    entries.add(new Entry(identity, secret));
    return secret;
  }

  void forget(LocalIdentity identity) {
    for (Iterator<Entry> remaining = entries.iterator(); remaining.hasNext(); ) {
      Entry entry = remaining.next();
      if (entry.identity == identity) {
        entry.secret.close();
        remaining.remove();
      }
    }
  }

  @Override
  public void close() {
    for (Entry entry : entries) {
      entry.secret.close();
    }
    entries.clear();
  }

  private record Entry(LocalIdentity identity, SecretKey secret) {}
}
