package cloud.runbeam.wgagent.app.control.rpc;

import cloud.runbeam.wgagent.app.config.Problem;
import java.io.Serial;
import java.util.List;

/** A request is refused. The message goes to the caller. */
public final class RequestException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final ErrorType type;
  private final transient List<Problem> problems;

  /** A refusal. */
  public RequestException(ErrorType type, String message) {
    this(type, message, List.of());
  }

  /** A refusal of a configuration. */
  public RequestException(ErrorType type, String message, List<Problem> problems) {
    super(message);
    this.type = type;
    this.problems = List.copyOf(problems);
  }

  /** The kind. */
  public ErrorType type() {
    return type;
  }

  /** What is wrong with the configuration; mostly empty. */
  public List<Problem> problems() {
    return problems;
  }
}
