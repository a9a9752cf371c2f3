package cloud.runbeam.wgagent.app.control.rpc;

/** What a caller may do. */
public enum Role {
  /** Look. */
  READER,
  /** Look and change. */
  ADMIN;

  /** Whether somebody of this role may do what needs {@code needed}. */
  public boolean covers(Role needed) {
    return this == ADMIN || needed == READER;
  }
}
