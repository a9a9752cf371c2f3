package cloud.runbeam.wgagent.platform.api;

import java.nio.file.Path;
import java.util.List;

/**
 * How to go on without the rights of root.
 *
 * @param user name of the account to run as
 * @param places directories that the account must be able to write; made and given to it, and given
 *     to it where the agent of root left them
 */
public record DropRequest(String user, List<Path> places) {
  /** Copies the list. */
  public DropRequest {
    places = List.copyOf(places);
  }
}
