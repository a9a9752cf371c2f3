package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.platform.api.PlatformException;

/** Opens the socket through which {@code wg} sees a device. */
@FunctionalInterface
public interface DeviceSockets {
  /**
   * Serves {@code device} until the handle is closed.
   *
   * @throws PlatformException if the socket cannot be made
   */
  Open open(WireGuardDevice device) throws PlatformException;

  /** A socket that is being served. */
  interface Open extends AutoCloseable {
    /** Removes the socket. */
    @Override
    void close();
  }
}
