package cloud.runbeam.wgagent.app.config;

import java.util.List;

/** What became of a configuration file. */
public sealed interface ConfigResult {
  /**
   * The file is right.
   *
   * @param config what it says
   */
  record Loaded(AgentConfig config) implements ConfigResult {}

  /**
   * The file is wrong.
   *
   * @param problems all of them in the order of the file, at least one
   */
  record Rejected(List<Problem> problems) implements ConfigResult {
    /** Copies the list. */
    public Rejected {
      problems = List.copyOf(problems);
    }
  }
}
