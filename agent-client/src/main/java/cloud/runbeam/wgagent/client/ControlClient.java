package cloud.runbeam.wgagent.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A running agent, spoken to in JSON-RPC 2.0 over its control socket.
 *
 * <pre>{@code
 * try (ControlClient agent = ControlClient.connect(ConnectOptions.of(ConnectOptions.DEFAULT_SOCKET))) {
 *   JsonValue up = agent.call("connect", Map.of("network", JsonValue.of("office")));
 *
 *   PendingCall status = agent.send("status", Map.of());       // both are on their way at once
 *   PendingCall version = agent.send("version", Map.of());
 *   System.out.println(status.await().toIndentedJson());
 *   System.out.println(version.await().toIndentedJson());
 *
 *   try (EventStream events = agent.subscribe(Set.of("state", "health"))) {
 *     Optional<AgentEvent> next = events.next(Duration.ofSeconds(30));
 *   }
 * } catch (ControlException failed) {
 *   if (failed.type().equals("invalid_state")) { ... }        // refused: nothing was changed
 * }
 * }</pre>
 *
 * <p>Any thread; calls of many threads share one connection and do not wait for each other. A
 * connection that is lost is made again by the next call; a request is never sent twice, so that a
 * call that was under way when it was lost fails with {@code DISCONNECTED}.
 */
public final class ControlClient implements AutoCloseable {
  private final ConnectOptions options;
  private @Nullable Connection connection;
  private volatile boolean closed;

  private ControlClient(ConnectOptions options, Connection connection) {
    this.options = options;
    this.connection = connection;
  }

  /**
   * Connects.
   *
   * @throws ControlException of kind {@code NO_AGENT} or {@code NO_PERMISSION}
   */
  public static ControlClient connect(ConnectOptions options) throws ControlException {
    return new ControlClient(options, Connection.open(options, () -> false));
  }

  /** Connects; {@code timeout} is for each call. */
  public static ControlClient connect(Path socket, Duration timeout) throws ControlException {
    return connect(ConnectOptions.of(socket).withTimeout(timeout));
  }

  /**
   * Sends a request and waits for its result.
   *
   * @param method e.g. {@code status}
   * @param params by name; empty for none
   * @return the {@code result} member of the answer
   * @throws ControlException if there is none, in time
   */
  public JsonValue call(String method, Map<String, JsonValue> params) throws ControlException {
    return send(method, params, options.timeout()).await();
  }

  /** As {@link #call(String, Map)}, with a timeout of its own. */
  public JsonValue call(String method, Map<String, JsonValue> params, Duration timeout)
      throws ControlException {
    return send(method, params, timeout).await();
  }

  /**
   * Sends a request without waiting for the answer: further ones may follow at once.
   *
   * @throws ControlException if it could not be sent
   */
  public PendingCall send(String method, Map<String, JsonValue> params) throws ControlException {
    return send(method, params, options.timeout());
  }

  private PendingCall send(String method, Map<String, JsonValue> params, Duration timeout)
      throws ControlException {
    return connection().send(method, params, timeout);
  }

  private synchronized Connection connection() throws ControlException {
    if (closed) {
      throw new IllegalStateException("this client was closed");
    }
    Connection current = connection;
    if (current == null || !current.isOpen()) {
      current = Connection.open(options, () -> closed);
      connection = current;
    }
    return current;
  }

  /**
   * Subscribes to events, over a connection of their own that ends with the stream.
   *
   * @param topics e.g. {@code state}; empty for all
   * @throws ControlException if the agent refuses, or none is there
   */
  public EventStream subscribe(Set<String> topics) throws ControlException {
    return EventStream.open(options, topics);
  }

  /** Ends the connection; calls that wait fail. Idempotent. */
  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      if (connection != null) {
        connection.close();
      }
    }
  }
}
