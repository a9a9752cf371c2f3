package cloud.runbeam.wgagent.app.logging;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logger of one network: JSON lines bear the network's name, and its level can be set alone. It
 * stands below the agent's own logger, whose level holds where none is set.
 */
public final class NetworkLog {
  private static final String PREFIX = "cloud.runbeam.wgagent.network.";

  private NetworkLog() {}

  /**
   * The logger of {@code network}.
   *
   * @param network a name that passed the configuration's check
   */
  public static Logger of(String network) {
    return LoggerFactory.getLogger(PREFIX + network);
  }

  /** The network whose logger has this name, if it is one of a network. */
  static Optional<String> network(String loggerName) {
    return loggerName.startsWith(PREFIX)
        ? Optional.of(loggerName.substring(PREFIX.length()))
        : Optional.empty();
  }
}
