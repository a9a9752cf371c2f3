package cloud.runbeam.wgagent.app.config;

import java.util.List;

/**
 * What became of a piece of configuration that came as JSON.
 *
 * @param <T> what it describes
 */
public sealed interface JsonResult<T> {
  /**
   * It is right.
   *
   * @param value what it says
   * @param notices what the caller should know
   * @param <T> what it describes
   */
  record Accepted<T>(T value, List<Notice> notices) implements JsonResult<T> {
    /** Copies the list. */
    public Accepted {
      notices = List.copyOf(notices);
    }
  }

  /**
   * It is wrong.
   *
   * @param problems all of them, at least one; their keys are paths in the JSON as it was written
   * @param <T> what it would have described
   */
  record Rejected<T>(List<Problem> problems) implements JsonResult<T> {
    /** Copies the list. */
    public Rejected {
      problems = List.copyOf(problems);
    }
  }
}
