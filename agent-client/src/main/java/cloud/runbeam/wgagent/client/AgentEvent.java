package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened in the agent.
 *
 * @param topic {@code state, handshake, endpoint, health, rotation} or {@code config}; an agent
 *     newer than this class may have more
 * @param network the network's name; empty where none is concerned
 * @param peer the peer's name, if it is about one
 * @param at when, ISO 8601 in UTC
 * @param data what the topic has to say
 * @param missed how many events before this one this subscriber was too slow for
 * @param afterGap whether the connection was lost and made again before this event, so that an
 *     unknown number is missing
 * @param raw the event as received
 */
public record AgentEvent(
    String topic,
    String network,
    Optional<String> peer,
    String at,
    JsonObject data,
    long missed,
    boolean afterGap,
    JsonObject raw) {

  static AgentEvent of(JsonObject params, boolean afterGap) {
    return new AgentEvent(
        params.text("topic").orElse(""),
        params.text("network").orElse(""),
        params.text("peer"),
        params.text("at").orElse(""),
        params.object("data").orElseGet(() -> new JsonObject(Map.of())),
        params.integer("missed").orElse(0L),
        afterGap,
        params);
  }
}
