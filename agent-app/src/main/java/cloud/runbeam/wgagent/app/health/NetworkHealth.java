package cloud.runbeam.wgagent.app.health;

import java.util.List;
import java.util.Locale;

/**
 * One network, judged.
 *
 * @param verdict the worst of what was found
 * @param reasons why it is not healthy, each with what to do
 * @param peers every peer of the device, in its order
 */
public record NetworkHealth(Verdict verdict, List<String> reasons, List<PeerHealth> peers) {
  /** Copies the lists. */
  public NetworkHealth {
    reasons = List.copyOf(reasons);
    peers = List.copyOf(peers);
  }

  /** From good to bad. */
  public enum Verdict {
    /** Up, or down because it was asked to be. */
    HEALTHY,
    /** Up, but a peer is out of reach. */
    DEGRADED,
    /** Should be up and is not. */
    FAILED;

    /** As in the control API: {@code healthy}. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
