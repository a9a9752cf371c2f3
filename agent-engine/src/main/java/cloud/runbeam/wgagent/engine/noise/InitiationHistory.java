package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which of a peer's initiations may be taken (section 5.1): those whose timestamp is later than the
 * last one's, and not too many of them.
 *
 * <p>Kept for each of our identities apart: while our key is being rotated the peer's own device
 * counts us as two, and may call both at the same moment. What was taken under an identity that is
 * gone counts for all that come after it, so that a key which returns opens no door to replays.
 */
final class InitiationHistory {
  /** One entry, two during a rotation of our key. */
  private final List<Entry> entries = new ArrayList<>(1);

  private @Nullable Tai64n latestUnderForgotten;

  /**
   * Takes note of an authentic initiation to {@code identity}.
   *
   * @return why it must not be answered; empty when it may, it is the last one then
   */
  Optional<DropReason> take(LocalIdentity identity, Tai64n timestamp, long nowNs) {
    Entry entry = entryOf(identity);
    Tai64n latest = entry.latest;
    if (latest != null && !timestamp.isAfter(latest)) {
      return Optional.of(DropReason.REPLAYED_INITIATION);
    }
    if (entry.taken && nowNs - entry.takenNs < Handshake.MIN_INITIATION_INTERVAL_NS) {
      return Optional.of(DropReason.INITIATION_FLOOD);
    }
    entry.latest = timestamp;
    entry.takenNs = nowNs;
    entry.taken = true;
    return Optional.empty();
  }

  /** The identity is gone; its timestamps stay. */
  void forget(LocalIdentity identity) {
    for (Entry entry : entries) {
      if (entry.identity == identity) {
        Tai64n latest = entry.latest;
        Tai64n before = latestUnderForgotten;
        if (latest != null && (before == null || latest.isAfter(before))) {
          latestUnderForgotten = latest;
        }
        entries.remove(entry);
        return;
      }
    }
  }

  private Entry entryOf(LocalIdentity identity) {
    for (Entry entry : entries) {
      if (entry.identity == identity) {
        return entry;
      }
    }
    Entry entry = new Entry(identity, latestUnderForgotten);
    entries.add(entry);
    return entry;
  }

  private static final class Entry {
    private final LocalIdentity identity;
    private @Nullable Tai64n latest;
    private boolean taken;
    private long takenNs;

    private Entry(LocalIdentity identity, @Nullable Tai64n latest) {
      this.identity = identity;
      this.latest = latest;
    }
  }
}
