package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which connections there are, and who may have one more.
 *
 * <pre>
 *   open -> (identified) -> admitted -> has spoken -> closed
 * </pre>
 *
 * <p>When there is no room, the oldest connection that has not said anything yet makes room for the
 * new one; so a crowd of silent connections keeps nobody out who has something to ask. Any thread.
 */
final class Admission {
  private final ControlLimits limits;

  /** In order of age; what is known of each. */
  private final Map<ControlConnection, Guest> guests = new LinkedHashMap<>();

  private final Map<String, UserShare> shares = new HashMap<>();

  private static final class Guest {
    private String user = "";
    private boolean silent = true;
  }

  Admission(ControlLimits limits) {
    this.limits = limits;
  }

  /**
   * A connection was accepted.
   *
   * @return one that has to go for it; the new one itself if there is nobody else
   */
  synchronized Optional<ControlConnection> open(ControlConnection connection) {
    Optional<ControlConnection> leaving = Optional.empty();
    if (guests.size() >= limits.maxConnections()) {
      leaving = Optional.of(oldestSilent(Optional.empty()).orElse(connection));
      guests.remove(leaving.get());
    }
    if (leaving.isEmpty() || leaving.get() != connection) {
      guests.put(connection, new Guest());
    }
    return leaving;
  }

  /**
   * A connection turned out to be {@code caller}'s.
   *
   * @return another one of the same user that has to go for it, if one has to
   * @throws RequestException if none can
   */
  synchronized Optional<ControlConnection> identified(ControlConnection connection, Caller caller)
      throws RequestException {
    Guest guest = guests.get(connection);
    if (guest == null) {
      return Optional.empty(); // It had to go meanwhile, and learns so when it reads.
    }
    Optional<ControlConnection> leaving = Optional.empty();
    if (!caller.isRoot() && count(caller.user()) >= limits.maxConnectionsPerUser()) {
      leaving = oldestSilent(Optional.of(caller.user()));
      if (leaving.isEmpty()) {
        throw new RequestException(
            ErrorType.RATE_LIMITED,
            "user "
                + caller.user()
                + " has "
                + limits.maxConnectionsPerUser()
                + " connections already; close some");
      }
      guests.remove(leaving.get());
    }
    guest.user = caller.user();
    return leaving;
  }

  /** A connection sent its first line. */
  synchronized void spoke(ControlConnection connection) {
    Guest guest = guests.get(connection);
    if (guest != null) {
      guest.silent = false;
    }
  }

  /** A connection ended. */
  synchronized void closed(ControlConnection connection) {
    guests.remove(connection);
    if (guests.isEmpty()) {
      shares.clear();
    }
  }

  /** What all connections of {@code user} have together. */
  synchronized UserShare share(String user) {
    return shares.computeIfAbsent(user, _ -> new UserShare(limits.maxUnreadBytes()));
  }

  /** All connections there are now. */
  synchronized ControlConnection[] all() {
    return guests.keySet().toArray(ControlConnection[]::new);
  }

  private long count(String user) {
    return guests.values().stream().filter(guest -> guest.user.equals(user)).count();
  }

  private Optional<ControlConnection> oldestSilent(Optional<String> user) {
    return guests.entrySet().stream()
        .filter(entry -> entry.getValue().silent)
        .filter(entry -> user.isEmpty() || user.get().equals(entry.getValue().user))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
