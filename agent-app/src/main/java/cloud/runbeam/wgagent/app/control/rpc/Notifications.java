package cloud.runbeam.wgagent.app.control.rpc;

import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** The way to tell a caller something unasked, on the connection that it asked on. Any thread. */
public interface Notifications {
  /**
   * Writes a JSON-RPC notification; waits while the caller reads slowly.
   *
   * @throws IOException if the connection is gone, or the caller did not read for so long that it
   *     was given up
   */
  void send(String method, JsonNode params) throws IOException;

  /** Has {@code begin} run as soon as the reply to the request at hand is written. */
  void afterReply(Runnable begin);

  /** The connection, to tell it from others. */
  Object connection();

  /** Whether the connection is still there. */
  boolean isOpen();

  /** Has {@code ended} run once when the connection ends; at once if it has. */
  void whenClosed(Runnable ended);
}
