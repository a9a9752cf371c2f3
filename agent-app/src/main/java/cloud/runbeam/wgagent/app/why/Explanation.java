package cloud.runbeam.wgagent.app.why;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a packet goes, and where it ends.
 *
 * @param address the destination
 * @param network the network that carries it, or should
 * @param outcome in one word
 * @param summary in one sentence
 * @param broken the first broken link
 * @param chain every link, in the packet's order
 */
public record Explanation(
    String address,
    Optional<String> network,
    Outcome outcome,
    String summary,
    Optional<Finding> broken,
    List<Finding> chain) {

  /** Copies the list. */
  public Explanation {
    chain = List.copyOf(chain);
  }

  /** In one word. */
  public enum Outcome {
    /** Every link holds as far as can be told. */
    WORKS,
    /** A link is broken. */
    BROKEN,
    /** No link is known to be broken, but a peer has yet to answer. */
    UNKNOWN,
    /** No network of this agent is concerned. */
    OUTSIDE;

    /** As in the control API: {@code works}. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
