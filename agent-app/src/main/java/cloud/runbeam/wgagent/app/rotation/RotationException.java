package cloud.runbeam.wgagent.app.rotation;

import java.io.Serial;

/** A rotation cannot do what was asked. The message says what, why and what to do. */
public final class RotationException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** The kind of refusal. */
  public enum Reason {
    /** Not possible now: no rotation, or one already. */
    INVALID_STATE,
    /** The key cannot be rotated where it comes from. */
    CONFIG,
    /** A file or the engine refused. */
    PLATFORM
  }

  private final Reason reason;

  RotationException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  RotationException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** The kind. */
  public Reason reason() {
    return reason;
  }
}
