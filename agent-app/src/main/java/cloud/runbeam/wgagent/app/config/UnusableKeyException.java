package cloud.runbeam.wgagent.app.config;

import java.io.Serial;

/**
 * A secret key cannot be had from where the configuration says. The message never holds the key.
 */
public final class UnusableKeyException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final ProblemReason reason;
  private final String what;
  private final String advice;

  /**
   * A refusal.
   *
   * @param what what is wrong, the source named
   * @param advice what to do
   */
  UnusableKeyException(ProblemReason reason, String what, String advice) {
    super(what + ": " + advice);
    this.reason = reason;
    this.what = what;
    this.advice = advice;
  }

  /** The kind, one of those that begin with {@code KEY_}. */
  public ProblemReason reason() {
    return reason;
  }

  /** What is wrong. */
  public String what() {
    return what;
  }

  /** What to do. */
  public String advice() {
    return advice;
  }
}
