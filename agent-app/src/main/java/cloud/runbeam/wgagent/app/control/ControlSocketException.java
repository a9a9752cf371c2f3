package cloud.runbeam.wgagent.app.control;

import java.io.Serial;

/** The control socket cannot be made. The message says where, why, and what to do. */
public final class ControlSocketException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  ControlSocketException(String message) {
    super(message);
  }
}
