package cloud.runbeam.wgagent.platform.api;

import java.nio.file.Path;
import java.util.List;

/** Who besides its owner may connect to a socket file. Any thread. */
@FunctionalInterface
public interface SocketAccess {
  /** Cannot give it to anybody. */
  SocketAccess NONE = (_, _) -> List.of();

  /**
   * Lets the members of {@code groups} connect, and nobody else besides the owner and root; the
   * file's mode stays 0660. It belongs to the first group that exists, as far as this process may
   * give it away.
   *
   * @param socket a socket file of this process
   * @return the groups that exist and may connect now
   * @throws PlatformException if not all that exist could be let in
   */
  List<String> share(Path socket, List<String> groups) throws PlatformException;
}
