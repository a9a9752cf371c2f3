package cloud.runbeam.wgagent.platform.api;

import java.util.List;

/** Rights of this process. Any thread unless a method says otherwise. */
public interface Privileges {
  /** Whether this process may create TUN devices and change interfaces and routes. */
  boolean canAdministerNetwork();

  /** User id of this process as the system prints it. */
  String currentUser();

  /** What this process may do now. */
  default Posture posture() {
    return new Posture(currentUser(), List.of(), false, false);
  }

  /** Whether this process has the rights of root, so that {@link #drop} has something to drop. */
  default boolean isRoot() {
    return false;
  }

  /**
   * Goes on as another user who may administer the network and nothing else. Where rights belong to
   * threads, and the threads of a JVM cannot all be reached, the program is started again in the
   * same process with the same arguments: then this does not return. Main thread, before anything
   * is open.
   *
   * @throws PlatformException if that cannot be done; the process may then have no rights left, and
   *     must end
   */
  default void drop(DropRequest request) throws PlatformException {
    throw new PlatformException(
        "cannot run as user " + request.user(),
        "this system does not offer it",
        "remove user from [agent], and start the agent as the account that it should run as");
  }

  /**
   * Refuses from now on, for every thread, to gain rights by starting a program and to make system
   * calls that the agent never needs. Cannot be undone.
   *
   * @throws PlatformException if the system has no such thing; nothing is changed then
   */
  default void confine() throws PlatformException {
    throw new PlatformException("cannot refuse system calls", "this system does not offer it", "");
  }
}
