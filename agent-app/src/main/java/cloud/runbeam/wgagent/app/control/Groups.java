package cloud.runbeam.wgagent.app.control;

import java.util.List;

/**
 * Whose members may use the control socket.
 *
 * @param admins may change things
 * @param readers may look
 */
public record Groups(List<String> admins, List<String> readers) {
  /** Nobody but root and the agent's own user. */
  public static final Groups NONE = new Groups(List.of(), List.of());

  /** Copies the lists. */
  public Groups {
    admins = List.copyOf(admins);
    readers = List.copyOf(readers);
  }
}
