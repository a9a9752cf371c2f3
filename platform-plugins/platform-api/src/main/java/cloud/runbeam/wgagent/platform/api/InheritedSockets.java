package cloud.runbeam.wgagent.platform.api;

import java.nio.channels.ServerSocketChannel;
import java.util.Optional;

/** Sockets that the service manager opened before it started this process. One thread. */
@FunctionalInterface
public interface InheritedSockets {
  /** Was given none. */
  InheritedSockets NONE = Optional::empty;

  /**
   * The listening local socket that was passed, if one was. It belongs to the service manager: its
   * file is not to be removed, and closing the channel would take standard output along.
   *
   * @throws PlatformException if what was passed cannot be used
   */
  Optional<ServerSocketChannel> control() throws PlatformException;
}
