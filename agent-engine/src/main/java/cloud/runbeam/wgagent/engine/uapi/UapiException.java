package cloud.runbeam.wgagent.engine.uapi;

import cloud.runbeam.wgagent.engine.DeviceException;
import java.io.Serial;

/**
 * A request that cannot be carried out. The message is fit for a log: it says which line and why,
 * and quotes no secret.
 */
final class UapiException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final Errno errno;

  UapiException(Errno errno, String message) {
    super(message);
    this.errno = errno;
  }

  UapiException(Errno errno, String message, Throwable cause) {
    super(message, cause);
    this.errno = errno;
  }

  UapiException(DeviceException refusal) {
    super(refusal.getMessage(), refusal);
    this.errno = Errno.of(refusal.reason());
  }

  Errno errno() {
    return errno;
  }
}
