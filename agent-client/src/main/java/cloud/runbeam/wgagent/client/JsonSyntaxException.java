package cloud.runbeam.wgagent.client;

import java.io.Serial;

/** A text is not JSON, or nested deeper than 32. */
public final class JsonSyntaxException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** What was expected, and where: characters from 0 on. */
  JsonSyntaxException(String expected, int position) {
    super("not JSON: expected " + expected + " at character " + position);
  }
}
