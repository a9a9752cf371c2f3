package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import cloud.runbeam.wgagent.client.JsonValue.JsonText;
import java.util.List;
import java.util.Locale;

/**
 * The answer to {@code status}, for people. Members that are absent are left out or shown as {@code
 * -}: an older agent may not have them.
 *
 * @param networks one object for each network
 */
public record StatusReport(List<JsonObject> networks) {
  /** Copies the list. */
  public StatusReport {
    networks = List.copyOf(networks);
  }

  /** Reads a result: an object with {@code networks}, or one network by itself. */
  public static StatusReport of(JsonValue result) {
    if (!(result instanceof JsonObject object)) {
      return new StatusReport(List.of());
    }
    return new StatusReport(
        object.get("networks").isPresent() ? object.objects("networks") : List.of(object));
  }

  /** The networks that have failed, one sentence each. */
  public List<String> failures() {
    return networks.stream()
        .filter(StatusReport::isFailed)
        .map(network ->
            "network "
                + network.text("network").orElse("?")
                + " is in state "
                + network.text("state").orElse("?")
                + health(network, false))
        .toList();
  }

  private static boolean isFailed(JsonObject network) {
    return network.text("state").filter("error"::equals).isPresent()
        || healthStatus(network).equals("failed");
  }

  private static String healthStatus(JsonObject network) {
    return network.text("health").orElse("");
  }

  private static String health(JsonObject network, boolean colours) {
    String status = healthStatus(network);
    List<String> reasons = texts(network, "health_reasons");
    return (status.isEmpty() ? "" : ", " + Shade.of(status).paint(status, colours))
        + (reasons.isEmpty() ? "" : " (" + String.join("; ", reasons) + ")");
  }

  /** The texts of an array. */
  static List<String> texts(JsonObject object, String name) {
    return object.array(name).stream()
        .filter(JsonText.class::isInstance)
        .map(element -> TextTable.printable(((JsonText) element).value()))
        .toList();
  }

  /** Each network with its peers in columns; ends with a line feed. */
  public String table(CommandOutput output) {
    if (networks.isEmpty()) {
      return "no networks\n";
    }
    StringBuilder text = new StringBuilder();
    for (JsonObject network : networks) {
      if (!text.isEmpty()) {
        text.append('\n');
      }
      heading(network, output.colours(), text);
      TextTable peers =
          new TextTable("peer~", "endpoint~", "handshake", "latency", "sent", "received", "state");
      network
          .object("peers")
          .ifPresent(object -> object.objects("detail").forEach(peer -> row(peer, peers)));
      if (!peers.isEmpty()) {
        text.append(peers.text(output));
      }
      notes(network, text);
    }
    return text.toString();
  }

  private static void heading(JsonObject network, boolean colours, StringBuilder text) {
    String state = network.text("state").orElse("?");
    text.append(TextTable.printable(network.text("network").orElse("?")))
        .append(": ")
        .append(Shade.of(state).paint(state, colours))
        .append(health(network, colours));
    network.text("interface").ifPresent(name -> text.append(", ").append(name));
    network.integer("listen_port").ifPresent(port -> text.append(", port ").append(port));
    network.integer("mtu").ifPresent(mtu -> text.append(", MTU ").append(mtu));
    network
        .integer("uptime_seconds")
        .ifPresent(seconds -> text.append(", up ").append(Spans.text(seconds)));
    text.append('\n');
    network
        .text("public_key")
        .ifPresent(key -> text.append("  public key ").append(key).append('\n'));
    network
        .object("host")
        .flatMap(host -> host.object("kill_switch"))
        .flatMap(found -> found.text("text"))
        .ifPresent(found ->
            text.append("  kill switch: ").append(TextTable.printable(found)).append('\n'));
  }

  private static void row(JsonObject peer, TextTable table) {
    table.row(
        peer.text("name").or(() -> peer.text("public_key")).orElse("?"),
        peer.text("endpoint").orElse("-"),
        peer.integer("last_handshake_seconds")
            .map(seconds -> Spans.text(seconds) + " ago")
            .orElse("never"),
        latency(peer),
        peer.integer("tx_bytes").map(ByteCount::text).orElse("-"),
        peer.integer("rx_bytes").map(ByteCount::text).orElse("-"),
        peer.text("state").orElse("-"));
  }

  /** The round trip of the last handshake. */
  static String latency(JsonObject peer) {
    return peer.number("latency_ms")
        .map(ms -> String.format(Locale.ROOT, "%.1f ms", ms))
        .orElse("-");
  }

  /** What needs a sentence: peers that do not answer, a rotation under way. */
  private static void notes(JsonObject network, StringBuilder text) {
    network
        .object("peers")
        .ifPresent(peers ->
            peers
                .objects("detail")
                .forEach(peer ->
                    peer.text("reason")
                        .ifPresent(reason ->
                            text.append("  ")
                                .append(TextTable.printable(peer.text("name").orElse("?")))
                                .append(": ")
                                .append(TextTable.printable(reason))
                                .append('\n'))));
    network
        .object("rotation")
        .ifPresent(rotation ->
            text.append("  key rotation: ")
                .append(rotation.text("phase").orElse("under way"))
                .append(
                    rotation
                        .text("overlap_until")
                        .map(until -> ", overlap until " + until)
                        .orElse(""))
                .append('\n'));
  }
}
