package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.Notice;
import cloud.runbeam.wgagent.app.config.Problem;
import java.util.List;

/** What became of reading the configuration file again. */
public sealed interface ReloadResult {
  /**
   * The file is right, and what it says holds now, or would hold.
   *
   * @param networks what happened to each network, those included that nothing happened to
   * @param notices what the user should know
   * @param agentChanged whether the {@code [agent]} table says something else than at the start,
   *     which takes a restart of the agent
   */
  record Applied(List<NetworkDiff> networks, List<Notice> notices, boolean agentChanged)
      implements ReloadResult {
    /** Copies the lists. */
    public Applied {
      networks = List.copyOf(networks);
      notices = List.copyOf(notices);
    }
  }

  /**
   * The file is wrong; nothing has changed.
   *
   * @param problems all of them, at least one
   */
  record Rejected(List<Problem> problems) implements ReloadResult {
    /** Copies the list. */
    public Rejected {
      problems = List.copyOf(problems);
    }
  }
}
