package cloud.runbeam.wgagent.app.control;

import java.time.Duration;

/**
 * What one connection, one user, and all together, may take.
 *
 * @param maxLineBytes longest line, its end not counted
 * @param firstLineTimeout how long a new connection may take for its first line, and any connection
 *     for the rest of a line that it began
 * @param writeTimeout how long a caller may leave a reply unread
 * @param maxConnections open connections at a time
 * @param maxConnectionsPerUser those of one user that is not root
 * @param maxRequestsInFlight requests of one connection that are carried out at a time; further
 *     lines wait in the socket
 * @param maxUnreadBytes replies of one user that wait to be read, over all its connections; above,
 *     its requests wait
 */
public record ControlLimits(
    int maxLineBytes,
    Duration firstLineTimeout,
    Duration writeTimeout,
    int maxConnections,
    int maxConnectionsPerUser,
    int maxRequestsInFlight,
    long maxUnreadBytes) {

  /** The limits of the control API. */
  public static ControlLimits standard() {
    return new ControlLimits(
        256 * 1_024, Duration.ofSeconds(60), Duration.ofSeconds(10), 1_024, 256, 64, 8L << 20);
  }
}
