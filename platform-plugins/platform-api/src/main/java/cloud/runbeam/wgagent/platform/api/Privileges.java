package cloud.runbeam.wgagent.platform.api;

/** Rights of this process. Any thread. */
public interface Privileges {
  /** Whether this process may create TUN devices and change interfaces and routes. */
  boolean canAdministerNetwork();

  /** User id of this process as the system prints it. */
  String currentUser();
}
