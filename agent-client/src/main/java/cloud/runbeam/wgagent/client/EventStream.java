package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.ControlException.Kind;
import cloud.runbeam.wgagent.client.JsonValue.JsonArray;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import cloud.runbeam.wgagent.client.LineChannel.TooLateException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Events as they come, over a connection of their own: a reader that is slow delays nobody else and
 * is told by {@link AgentEvent#missed} what it lost.
 *
 * <p>One thread reads; any thread closes, which ends its wait.
 */
public final class EventStream implements AutoCloseable {
  private final ConnectOptions options;
  private final Set<String> topics;
  private volatile @Nullable LineChannel channel;
  private volatile boolean closed;
  private boolean gap;

  private EventStream(ConnectOptions options, Set<String> topics) {
    this.options = options;
    this.topics = Set.copyOf(topics);
  }

  /** Subscribes; events that happen after this returns are seen. */
  static EventStream open(ConnectOptions options, Set<String> topics) throws ControlException {
    EventStream events = new EventStream(options, topics);
    try {
      events.subscribe();
      return events;
    } catch (ControlException refused) {
      events.close();
      throw refused;
    }
  }

  private LineChannel subscribe() throws ControlException {
    LineChannel opened = Reconnection.open(options, () -> closed);
    channel = opened;
    if (closed) {
      opened.close();
    }
    Map<String, JsonValue> params = new LinkedHashMap<>();
    if (!topics.isEmpty()) {
      params.put("topics", new JsonArray(topics.stream().sorted().map(JsonValue::of).toList()));
    }
    long deadlineNs = System.nanoTime() + options.timeout().toNanos();
    try {
      opened.send(Messages.request(1, "subscribe", params), deadlineNs);
      while (true) {
        JsonObject reply = Messages.parse(opened.receive(deadlineNs));
        Optional<JsonObject> error = reply.object("error");
        if (error.isPresent()) {
          throw ControlException.refused(error.get());
        }
        if (reply.integer("id").isPresent()) {
          return opened;
        }
      }
    } catch (TooLateException _) {
      throw tooLate("no answer to subscribe within " + options.timeout().toMillis() + " ms");
    } catch (IOException broken) {
      throw Messages.disconnected(options.socket(), broken);
    }
  }

  /**
   * The next event, waiting for it.
   *
   * <p>A connection that was lost is made again as {@link ConnectOptions#reconnectWithin} allows;
   * the first event afterwards says so.
   *
   * @param timeout how long to wait
   * @return empty when none came in time
   * @throws ControlException of kind {@code DISCONNECTED} when the agent is gone or this stream is
   *     closed; of kind {@code INTERRUPTED} when the waiting thread is interrupted
   */
  public Optional<AgentEvent> next(Duration timeout) throws ControlException {
    return receive(System.nanoTime() + timeout.toNanos());
  }

  /** The next event, however long it takes; otherwise as {@link #next(Duration)}. */
  public AgentEvent next() throws ControlException {
    return receive(LineChannel.NEVER)
        .orElseThrow(() -> new IllegalStateException("nothing bounds this wait"));
  }

  private Optional<AgentEvent> receive(long deadlineNs) throws ControlException {
    while (true) {
      LineChannel current = channel;
      try {
        if (current == null || closed) {
          throw new IOException("the subscription was closed");
        }
        Optional<AgentEvent> event = event(Messages.parse(current.receive(deadlineNs)));
        if (event.isPresent()) {
          return event;
        }
      } catch (TooLateException _) {
        if (Thread.currentThread().isInterrupted()) {
          throw new ControlException(Kind.INTERRUPTED, "interrupted while waiting for an event");
        }
        return Optional.empty();
      } catch (IOException lost) {
        if (closed || options.reconnectWithin().isZero()) {
          throw Messages.disconnected(options.socket(), lost);
        }
        if (current != null) {
          current.close();
        }
        subscribe();
        gap = true;
      }
    }
  }

  private Optional<AgentEvent> event(JsonObject message) throws ControlException {
    Optional<JsonObject> error = message.object("error");
    if (error.isPresent()) {
      throw ControlException.refused(error.get());
    }
    Optional<JsonObject> params =
        message
            .object("params")
            .filter(_ -> message.text("method").filter("event"::equals).isPresent());
    if (params.isEmpty()) {
      return Optional.empty();
    }
    AgentEvent event = AgentEvent.of(params.get(), gap);
    gap = false;
    return Optional.of(event);
  }

  private static ControlException tooLate(String what) {
    return Thread.currentThread().isInterrupted()
        ? new ControlException(Kind.INTERRUPTED, "interrupted while subscribing")
        : new ControlException(Kind.TIMED_OUT, what + ": see the agent's log");
  }

  /** Ends the subscription. Idempotent. */
  @Override
  public void close() {
    closed = true;
    LineChannel current = channel;
    if (current != null) {
      current.close();
    }
  }
}
