package cloud.runbeam.wgagent.app.control.rpc;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Where every change that a caller asked for is written down. Any thread. */
@FunctionalInterface
public interface ChangeLog {
  /** Forgets everything. */
  ChangeLog NONE = (_, _, _, _, _) -> {};

  /**
   * Writes one change down before its reply leaves; never throws, and waits until it is on disk.
   *
   * @param network what it was about, as the request says
   * @param outcome {@code done}, or the type of the error
   * @param change the result, which holds no secrets; null for what was refused
   */
  void record(
      Caller caller, String method, Optional<String> network, String outcome, JsonNode change);
}
