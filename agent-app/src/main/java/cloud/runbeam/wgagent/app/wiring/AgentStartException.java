package cloud.runbeam.wgagent.app.wiring;

import java.io.Serial;

/**
 * The agent cannot start, and the message says why and what to do; no stack trace would add to it.
 */
final class AgentStartException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  AgentStartException(String message) {
    super(message);
  }

  AgentStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
