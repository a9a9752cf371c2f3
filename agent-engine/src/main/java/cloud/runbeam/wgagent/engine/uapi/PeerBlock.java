package cloud.runbeam.wgagent.engine.uapi;

import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a set request from one {@code public_key} to the next, on their way to {@link
 * PeerChange}s.
 *
 * <p>Lines take effect in their order, but a {@link PeerChange} clears first, then removes, then
 * adds. Where the lines do not come in that order, the block becomes several changes to the same
 * peer.
 */
final class PeerBlock {
  private final PublicKey publicKey;
  private final List<PeerChange> finished = new ArrayList<>(1);
  private boolean remove;
  private boolean updateOnly;
  private @Nullable SecretKey presharedKey;
  private @Nullable Endpoint endpoint;
  private @Nullable Integer persistentKeepaliveSeconds;
  private boolean replaceAllowedIps;
  private List<IpPrefix> added = new ArrayList<>(2);
  private List<IpPrefix> removed = List.of();

  PeerBlock(PublicKey publicKey) {
    this.publicKey = publicKey;
  }

  void remove() {
    remove = true;
  }

  void updateOnly() {
    updateOnly = true;
  }

  /** Takes the key over; one that an earlier line set is wiped. */
  void presharedKey(SecretKey key) {
    if (presharedKey != null) {
      presharedKey.close();
    }
    presharedKey = key;
  }

  void endpoint(Endpoint newEndpoint) {
    endpoint = newEndpoint;
  }

  void persistentKeepalive(int seconds) {
    persistentKeepaliveSeconds = seconds;
  }

  void replaceAllowedIps() {
    if (!added.isEmpty() || !removed.isEmpty()) {
      finishPart();
    }
    replaceAllowedIps = true;
  }

  void addAllowedIp(IpPrefix prefix) {
    added.add(prefix);
  }

  void removeAllowedIp(IpPrefix prefix) {
    if (!added.isEmpty()) {
      finishPart();
    }
    if (removed.isEmpty()) {
      removed = new ArrayList<>();
    }
    removed.add(prefix);
  }

  /** The changes in order; the preshared key goes with them. */
  List<PeerChange> finish() {
    if (remove) {
      discard();
      return List.of(PeerChange.removal(publicKey));
    }
    finishPart();
    if (updateOnly && finished.size() > 1) {
      // The line may have come last, but it was meant for the whole block.
      finished.replaceAll(PeerBlock::withUpdateOnly);
    }
    return finished;
  }

  /** Wipes what was taken over and not finished. */
  void discard() {
    if (presharedKey != null) {
      presharedKey.close();
      presharedKey = null;
    }
    finished.forEach(change -> change.presharedKey().ifPresent(SecretKey::close));
  }

  private void finishPart() {
    finished.add(
        new PeerChange(
            publicKey,
            false,
            updateOnly,
            Optional.ofNullable(presharedKey),
            Optional.ofNullable(endpoint),
            Optional.ofNullable(persistentKeepaliveSeconds),
            replaceAllowedIps,
            added,
            removed));
    presharedKey = null;
    endpoint = null;
    persistentKeepaliveSeconds = null;
    replaceAllowedIps = false;
    added = new ArrayList<>(2);
    removed = List.of();
  }

  private static PeerChange withUpdateOnly(PeerChange change) {
    return new PeerChange(
        change.publicKey(),
        change.remove(),
        true,
        change.presharedKey(),
        change.endpoint(),
        change.persistentKeepaliveSeconds(),
        change.replaceAllowedIps(),
        change.allowedIps(),
        change.removeAllowedIps());
  }
}
