package cloud.runbeam.wgagent.app.control;

import java.time.Duration;

/**
 * What one caller, and all together, may take.
 *
 * @param maxLineBytes longest line, its end not counted
 * @param firstLineTimeout how long a new connection may say nothing
 * @param writeTimeout how long a caller may leave a reply unread
 * @param maxConnections open connections at a time
 * @param maxRequestsInFlight requests of one connection that are carried out at a time; further
 *     lines wait in the socket
 */
public record ControlLimits(
    int maxLineBytes,
    Duration firstLineTimeout,
    Duration writeTimeout,
    int maxConnections,
    int maxRequestsInFlight) {

  /** The limits of the control API. */
  public static ControlLimits standard() {
    return new ControlLimits(256 * 1_024, Duration.ofSeconds(60), Duration.ofSeconds(10), 256, 16);
  }
}
