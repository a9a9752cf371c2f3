package cloud.runbeam.wgagent.app.selftest;

import java.io.Serial;

/** A check did not find what it looked for; the message says what it found instead. */
final class CheckFailedException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  CheckFailedException(String reason) {
    super(reason);
  }
}
