package cloud.runbeam.wgagent.app.why;

import java.util.Locale;

/**
 * What was found about one link of the chain.
 *
 * @param link which
 * @param state whether a packet passes it
 * @param fact what the system or the engine says
 * @param advice what to do; empty where nothing is to be done
 */
public record Finding(ChainLink link, State state, String fact, String advice) {
  /** Whether a packet passes a link. */
  public enum State {
    /** It does. */
    OK,
    /** It does not. */
    BROKEN,
    /** That cannot be told from here. */
    UNKNOWN;

    /** As in the control API: {@code ok}. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Finding ok(ChainLink link, String fact) {
    return new Finding(link, State.OK, fact, "");
  }

  static Finding broken(ChainLink link, String fact, String advice) {
    return new Finding(link, State.BROKEN, fact, advice);
  }

  static Finding unknown(ChainLink link, String fact, String advice) {
    return new Finding(link, State.UNKNOWN, fact, advice);
  }

  boolean isBroken() {
    return state == State.BROKEN;
  }
}
