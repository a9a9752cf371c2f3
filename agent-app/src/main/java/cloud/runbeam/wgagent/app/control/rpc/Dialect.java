package cloud.runbeam.wgagent.app.control.rpc;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** One way to write requests and replies. */
public interface Dialect {
  /** Whether {@code line} is written in this dialect, right or wrong. */
  boolean speaks(JsonNode line);

  /** Carries {@code line} out; empty where nothing is to be said. Never throws. */
  Optional<JsonNode> handle(JsonNode line, Caller caller, Notifications notifications);
}
