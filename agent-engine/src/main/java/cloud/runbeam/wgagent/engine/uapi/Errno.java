package cloud.runbeam.wgagent.engine.uapi;

import cloud.runbeam.wgagent.engine.DeviceException;

/**
 * The error numbers that a reply ends with, negated as the kernel returns them. They are Linux's on
 * every system, as in wireguard-go, because {@code wg} only looks at zero or not and people look
 * them up in Linux's list.
 */
enum Errno {
  OK(0),
  /** The mark needs a right that this process lacks. */
  EPERM(1),
  /** The engine failed, or the connection did. */
  EIO(5),
  /** The device has ended. */
  ENXIO(6),
  /** Too many changes wait. */
  EBUSY(16),
  /** A key or its value is not known here. */
  EINVAL(22),
  /** A line is not of the form key=value, or too long; or the request is neither get nor set. */
  EPROTO(71),
  /** The UDP port cannot be had. */
  EADDRINUSE(98);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** As it is written in a reply: zero or negative. */
  int replyNumber() {
    return -number;
  }

  static Errno of(DeviceException.Reason reason) {
    return switch (reason) {
      case PORT_UNAVAILABLE -> EADDRINUSE;
      case FWMARK_REFUSED -> EPERM;
      case CLOSED -> ENXIO;
      case BUSY -> EBUSY;
      case INVALID_STATE -> EINVAL;
      case INTERNAL -> EIO;
    };
  }
}
