package cloud.runbeam.wgagent.client;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How to reach an agent.
 *
 * @param socket its control socket
 * @param timeout for each call, from sending to the answer, unless the call says otherwise
 * @param reconnectWithin how long to keep trying when the connection is lost and the next call
 *     wants one; zero for a single attempt. The first connection is tried as long.
 */
public record ConnectOptions(Path socket, Duration timeout, Duration reconnectWithin) {
  /** Where an installed agent listens. */
  public static final Path DEFAULT_SOCKET = Path.of("/run/wg-agent/control.sock");

  /** Ten seconds for a call, a single attempt to connect. */
  public static ConnectOptions of(Path socket) {
    return new ConnectOptions(socket, Duration.ofSeconds(10), Duration.ZERO);
  }

  /** With another timeout for calls. */
  public ConnectOptions withTimeout(Duration newTimeout) {
    return new ConnectOptions(socket, newTimeout, reconnectWithin);
  }

  /** With patience for an agent that is restarting. */
  public ConnectOptions withReconnectWithin(Duration newReconnectWithin) {
    return new ConnectOptions(socket, timeout, newReconnectWithin);
  }
}
