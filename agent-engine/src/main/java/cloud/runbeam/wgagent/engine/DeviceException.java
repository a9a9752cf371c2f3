package cloud.runbeam.wgagent.engine;

import java.io.Serial;

/**
 * A device refused a change; nothing of it was applied. The message says what, why and what to do.
 */
public final class DeviceException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** What kind of refusal. */
  public enum Reason {
    /** The UDP port is taken, or may not be bound. */
    PORT_UNAVAILABLE,
    /** The mark could not be set, usually for want of CAP_NET_ADMIN. */
    FWMARK_REFUSED,
    /** Not possible in the device's state. */
    INVALID_STATE,
    /** The device has ended. */
    CLOSED,
    /** Too many changes wait already. */
    BUSY,
    /** The engine failed; a bug. */
    INTERNAL
  }

  private final Reason reason;

  /** A refusal. */
  public DeviceException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  DeviceException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** The kind. */
  public Reason reason() {
    return reason;
  }
}
