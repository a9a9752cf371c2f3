package cloud.runbeam.wgagent.platform.api;

import java.nio.channels.SocketChannel;
import java.util.Optional;

/** Which process is at the other end of a local socket. Any thread. */
@FunctionalInterface
public interface PeerCredentials {
  /** Does not know. */
  PeerCredentials NONE = _ -> Optional.empty();

  /** The process, as the kernel remembers it from when it connected; empty where it cannot say. */
  Optional<PeerProcess> of(SocketChannel connection);

  /**
   * A process.
   *
   * @param uid its effective user
   * @param gid its effective group
   * @param pid its number; another process may have it by now
   * @param executable its program, as far as this process may see
   */
  record PeerProcess(long uid, long gid, long pid, Optional<String> executable) {}
}
