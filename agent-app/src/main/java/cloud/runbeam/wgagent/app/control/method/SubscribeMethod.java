package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.JsonCodec;
import cloud.runbeam.wgagent.app.control.rpc.Notifications;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.control.rpc.StreamingMethod;
import cloud.runbeam.wgagent.app.tunnel.Events;
import cloud.runbeam.wgagent.app.tunnel.Subscription;
import cloud.runbeam.wgagent.app.tunnel.Topic;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code subscribe}: from now on, what happens is told as notifications {@code event}. A connection
 * has one subscription; another call gives it other topics. Whoever reads too slowly loses the
 * oldest events and is told how many, with the next one.
 */
public final class SubscribeMethod implements StreamingMethod {
  private static final Logger log = LoggerFactory.getLogger(SubscribeMethod.class);

  /** Events that wait for one subscriber. */
  private static final int CAPACITY = 1_000;

  /** How often a subscriber that hears nothing is looked after. */
  private static final Duration LOOK_AFTER = Duration.ofSeconds(30);

  private final Events events;
  private final JsonCodec codec;
  private final Map<Object, Subscription> subscriptions = new ConcurrentHashMap<>();

  /** The method over these events. */
  public SubscribeMethod(Events events, JsonCodec codec) {
    this.events = events;
    this.codec = codec;
  }

  @Override
  public String name() {
    return "subscribe";
  }

  @Override
  public Role role() {
    return Role.READER;
  }

  @Override
  public Object call(ObjectNode params, Caller caller, Notifications notifications)
      throws RequestException {
    Params.allowOnly(params, Set.of("topics"));
    Set<Topic> topics = topics(params.get("topics"));
    Object connection = notifications.connection();
    Subscription subscription = events.subscribe(topics, CAPACITY);
    Subscription former = subscriptions.put(connection, subscription);
    if (former != null) {
      former.close();
    } else {
      notifications.whenClosed(() -> end(connection));
    }
    notifications.afterReply(() ->
        Thread.ofVirtual().name("control-events").start(() -> tell(subscription, notifications)));
    return new Subscribed(topics.stream().map(Topic::code).toList());
  }

  private void end(Object connection) {
    Subscription subscription = subscriptions.remove(connection);
    if (subscription != null) {
      subscription.close();
    }
  }

  private void tell(Subscription subscription, Notifications notifications) {
    try {
      while (notifications.isOpen() && !subscription.isClosed()) {
        Optional<TunnelEvent> event = subscription.take(LOOK_AFTER);
        if (event.isPresent()) {
          long missed = subscription.missed();
          notifications.send("event", codec.tree(Event.of(event.get(), missed)));
        }
      }
    } catch (IOException gone) {
      log.debug("subscriber gone: {}", gone.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      subscription.close();
    }
  }

  private static Set<Topic> topics(@Nullable JsonNode wanted) throws RequestException {
    if (wanted == null || wanted.isNull()) {
      return EnumSet.allOf(Topic.class);
    }
    EnumSet<Topic> topics = EnumSet.noneOf(Topic.class);
    if (wanted instanceof ArrayNode array) {
      for (JsonNode one : array) {
        topics.add(topic(one));
      }
    } else {
      topics.add(topic(wanted));
    }
    return topics.isEmpty() ? EnumSet.allOf(Topic.class) : topics;
  }

  private static Topic topic(JsonNode name) throws RequestException {
    for (Topic topic : Topic.values()) {
      if (name.isString() && topic.code().equals(name.stringValue())) {
        return topic;
      }
    }
    throw new RequestException(
        ErrorType.INVALID_PARAMS,
        "no such topic; known: "
            + Arrays.stream(Topic.values()).map(Topic::code).collect(Collectors.joining(", ")));
  }

  /**
   * The result.
   *
   * @param topics what will be told
   */
  public record Subscribed(List<String> topics) {}

  /**
   * One notification's parameters.
   *
   * @param topic what it is about
   * @param network the network's name
   * @param peer the peer's name; absent where it is about none
   * @param at when, RFC 3339
   * @param data details
   * @param missed how many events before this one were lost because the subscriber read too slowly;
   *     absent where none were
   */
  public record Event(
      String topic,
      String network,
      Optional<String> peer,
      String at,
      Map<String, Object> data,
      Optional<Long> missed) {

    static Event of(TunnelEvent event, long missed) {
      return new Event(
          event.topic().code(),
          event.network(),
          event.peer(),
          event.at().toString(),
          event.data(),
          missed > 0 ? Optional.of(missed) : Optional.empty());
    }
  }
}
