package cloud.runbeam.wgagent.app.diagnostics;

import java.io.Serial;

/** A key stands in what was to be given away, so nothing is; the message says where, never what. */
public final class SecretFoundException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  SecretFoundException(String file, String form, int offset) {
    super(
        "a secret key stands in "
            + file
            + " ("
            + form
            + ", at byte "
            + offset
            + "), so no archive was made; please report this, without that file");
  }
}
