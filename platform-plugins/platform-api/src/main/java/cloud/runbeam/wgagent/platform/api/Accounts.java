package cloud.runbeam.wgagent.platform.api;

/**
 * The system's users and groups, as its own lookup (nsswitch) knows them. Any thread; may block on
 * a directory server.
 */
public interface Accounts {
  /** Knows nobody. */
  Accounts NONE = (user, group) -> false;

  /**
   * Whether the user belongs to the group, by primary or supplementary membership.
   *
   * @param user the user's name as the system prints it
   * @param group the group's name
   * @return false also when either does not exist
   */
  boolean isMember(String user, String group);
}
