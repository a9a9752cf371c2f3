package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.io.IOException;
import java.io.Serial;

/** The kernel refused a netlink request, or the socket failed. */
public final class NetlinkException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final int errno;

  NetlinkException(String call, int errno, String kernelText) {
    super(call + ": " + Errno.describe(errno) + (kernelText.isEmpty() ? "" : ": " + kernelText));
    this.errno = errno;
  }

  /** The error number, see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
