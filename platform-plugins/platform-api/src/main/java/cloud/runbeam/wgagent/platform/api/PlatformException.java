package cloud.runbeam.wgagent.platform.api;

import java.io.Serial;

/**
 * The operating system refused something. The message says what was tried and on what, the reason
 * in the system's words, and what to do: {@code cannot create TUN device wg0: ioctl TUNSETIFF:
 * EPERM (Operation not permitted): run as root or grant CAP_NET_ADMIN}.
 */
public final class PlatformException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final String action;
  private final String advice;

  /**
   * A refusal.
   *
   * @param attempt what was tried on which object, e.g. {@code cannot create TUN device wg0}
   * @param cause call and reason, e.g. {@code ioctl TUNSETIFF: EPERM (Operation not permitted)}
   * @param advice what the operator can do
   */
  public PlatformException(String attempt, String cause, String advice) {
    super(attempt + ": " + cause + ": " + advice);
    this.action = attempt + ": " + cause;
    this.advice = advice;
  }

  /** What was tried, on what, and the system's reason. */
  public String action() {
    return action;
  }

  /** What the operator can do. */
  public String advice() {
    return advice;
  }
}
