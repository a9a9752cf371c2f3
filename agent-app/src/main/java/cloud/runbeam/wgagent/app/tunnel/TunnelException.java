package cloud.runbeam.wgagent.app.tunnel;

import java.io.Serial;

/** A tunnel cannot do what was asked. The message says what, why and what to do. */
public final class TunnelException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** The kind of refusal. */
  public enum Reason {
    /** No network has that name; the message is the name. */
    NETWORK_NOT_FOUND,
    /** Not possible in the network's state. */
    INVALID_STATE,
    /** A key or an endpoint of the configuration cannot be used. */
    CONFIG,
    /** The operating system refused. */
    PLATFORM
  }

  private final Reason reason;

  TunnelException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  TunnelException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** The kind. */
  public Reason reason() {
    return reason;
  }
}
