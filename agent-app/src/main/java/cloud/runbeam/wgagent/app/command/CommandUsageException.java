package cloud.runbeam.wgagent.app.command;

import java.io.Serial;

/** Arguments that were not understood; the message says which word and why. */
public final class CommandUsageException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** A mistake; {@code message} follows the program's name and a colon. */
  public CommandUsageException(String message) {
    super(message);
  }
}
