package cloud.runbeam.wgagent.app.shell;

import java.io.Serial;

/** A line that cannot be cut into words. Unchecked, because Spring Shell's parser is. */
final class LineSyntaxException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  LineSyntaxException(String message) {
    super(message);
  }
}
