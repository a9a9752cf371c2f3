package cloud.runbeam.wgagent.app.host;

/**
 * A change that an agent made and did not take back.
 *
 * @param network whose
 * @param what the change, in words
 * @param outcome what became of it, or would
 * @param detail why, where the outcome needs a reason; otherwise empty
 */
public record Leftover(String network, String what, Outcome outcome, String detail) {
  /** What becomes of a leftover. */
  public enum Outcome {
    /** It was, or would be, taken back. */
    UNDONE,
    /** It stands on purpose: the kill switch of a network that still asks for it. */
    KEPT,
    /** It is not there any more, or was changed by somebody else since and is theirs now. */
    NOT_OURS,
    /** The system refused; the journal keeps it for the next attempt. */
    FAILED
  }

  /** What it is, whose, and why it became what it became; without the outcome. */
  public String description() {
    return what
        + (network.isEmpty() ? "" : " (network " + network + ")")
        + (detail.isEmpty() ? "" : ": " + detail);
  }
}
