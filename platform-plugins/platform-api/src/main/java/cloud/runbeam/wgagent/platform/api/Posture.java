package cloud.runbeam.wgagent.platform.api;

import java.util.List;

/**
 * What this process may do, over all of its threads.
 *
 * @param user the user it acts as, as the system prints it
 * @param capabilities single rights beyond those of the user, by the system's names, sorted
 * @param noNewPrivileges whether no program that it starts can have more rights than it
 * @param systemCallFilter whether calls that it never needs are refused
 */
public record Posture(
    String user, List<String> capabilities, boolean noNewPrivileges, boolean systemCallFilter) {
  /** Copies the list. */
  public Posture {
    capabilities = List.copyOf(capabilities);
  }

  @Override
  public String toString() {
    return "user "
        + user
        + ", "
        + (capabilities.isEmpty() ? "no capabilities" : String.join(" ", capabilities))
        + (noNewPrivileges ? ", no new privileges" : "")
        + (systemCallFilter ? ", system call filter" : "");
  }
}
