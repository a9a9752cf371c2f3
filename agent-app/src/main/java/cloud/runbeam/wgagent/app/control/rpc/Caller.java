package cloud.runbeam.wgagent.app.control.rpc;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who is at the other end, as the operating system says; never taken from a message.
 *
 * @param user name or number of the user
 * @param role what the caller may do
 * @param process what else the system knows
 */
public record Caller(String user, Role role, ProcessIds process) {
  /** A caller of whom the system says no more. */
  public Caller(String user, Role role) {
    this(user, role, ProcessIds.UNKNOWN);
  }

  /** Whether this is root, for whom key files may be anywhere. */
  public boolean isRoot() {
    return process.uid().isPresent() && process.uid().getAsLong() == 0;
  }

  /**
   * The process that connected.
   *
   * @param uid its effective user
   * @param gid its effective group
   * @param pid its number when it connected
   * @param executable its program, if it was still there to be asked and we may know
   */
  public record ProcessIds(
      OptionalLong uid, OptionalLong gid, OptionalLong pid, Optional<String> executable) {
    /** A process of which nothing is known. */
    public static final ProcessIds UNKNOWN =
        new ProcessIds(
            OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), Optional.empty());
  }
}
