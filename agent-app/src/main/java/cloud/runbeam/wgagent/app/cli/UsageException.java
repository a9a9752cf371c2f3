package cloud.runbeam.wgagent.app.cli;

import java.io.Serial;

/** A command line that was not understood; the message says which word and why. */
final class UsageException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
