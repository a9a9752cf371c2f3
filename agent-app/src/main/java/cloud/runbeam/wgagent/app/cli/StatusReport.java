package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.client.JsonValue;
import cloud.runbeam.wgagent.app.client.JsonValue.JsonObject;
import cloud.runbeam.wgagent.app.client.JsonValue.JsonText;
import cloud.runbeam.wgagent.app.demo.ByteCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The answer to {@code status}, for people. Members that are absent are left out or shown as {@code
 * -}: an older agent may not have them.
 *
 * @param networks one object for each network
 */
record StatusReport(List<JsonObject> networks) {
  private static final List<String> PEER_COLUMNS =
      List.of("peer", "endpoint", "handshake", "latency", "sent", "received", "state");

  /** Copies the list. */
  StatusReport {
    networks = List.copyOf(networks);
  }

  /** Reads a result: an object with {@code networks}, or one network by itself. */
  static StatusReport of(JsonValue result) {
    if (!(result instanceof JsonObject object)) {
      return new StatusReport(List.of());
    }
    return new StatusReport(
        object.get("networks").isPresent() ? object.objects("networks") : List.of(object));
  }

  /** The networks that have failed, one sentence each. */
  List<String> failures() {
    return networks.stream()
        .filter(network -> isFailed(network))
        .map(network ->
            "network "
                + network.text("network").orElse("?")
                + " is in state "
                + network.text("state").orElse("?")
                + health(network))
        .toList();
  }

  private static boolean isFailed(JsonObject network) {
    return network.text("state").filter("error"::equals).isPresent()
        || healthStatus(network).equals("failed");
  }

  private static String healthStatus(JsonObject network) {
    return network.text("health").orElse("");
  }

  private static String health(JsonObject network) {
    String status = healthStatus(network);
    List<String> reasons =
        network.array("health_reasons").stream()
            .filter(JsonText.class::isInstance)
            .map(reason -> ((JsonText) reason).value())
            .toList();
    return (status.isEmpty() ? "" : ", " + status)
        + (reasons.isEmpty() ? "" : " (" + String.join("; ", reasons) + ")");
  }

  /** Each network with its peers in columns; ends with a line feed. */
  String table() {
    if (networks.isEmpty()) {
      return "no networks\n";
    }
    StringBuilder text = new StringBuilder();
    for (JsonObject network : networks) {
      if (!text.isEmpty()) {
        text.append('\n');
      }
      heading(network, text);
      List<List<String>> rows = new ArrayList<>();
      rows.add(PEER_COLUMNS);
      network
          .object("peers")
          .ifPresent(peers -> peers.objects("detail").forEach(peer -> rows.add(peerRow(peer))));
      if (rows.size() > 1) {
        appendColumns(rows, text);
      }
    }
    return text.toString();
  }

  private static void heading(JsonObject network, StringBuilder text) {
    text.append(network.text("network").orElse("?"))
        .append(": ")
        .append(network.text("state").orElse("?"))
        .append(health(network));
    network.text("interface").ifPresent(name -> text.append(", ").append(name));
    network.integer("listen_port").ifPresent(port -> text.append(", port ").append(port));
    network.integer("mtu").ifPresent(mtu -> text.append(", MTU ").append(mtu));
    network
        .integer("uptime_seconds")
        .ifPresent(seconds -> text.append(", up ").append(duration(seconds)));
    text.append('\n');
    network
        .text("public_key")
        .ifPresent(key -> text.append("  public key ").append(key).append('\n'));
  }

  private static List<String> peerRow(JsonObject peer) {
    return List.of(
        peer.text("name").or(() -> peer.text("public_key")).orElse("?"),
        peer.text("endpoint").orElse("-"),
        peer.integer("last_handshake_seconds")
            .map(seconds -> duration(seconds) + " ago")
            .orElse("never"),
        peer.number("latency_ms").map(ms -> String.format(Locale.ROOT, "%.1f ms", ms)).orElse("-"),
        peer.integer("tx_bytes").map(ByteCount::text).orElse("-"),
        peer.integer("rx_bytes").map(ByteCount::text).orElse("-"),
        peer.text("state").orElse("-"));
  }

  private static String duration(long seconds) {
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 2 * 3600) {
      return seconds / 60 + " min";
    }
    return seconds < 48 * 3600 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
  }

  private static void appendColumns(List<List<String>> rows, StringBuilder text) {
    int[] widths = new int[PEER_COLUMNS.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(" ");
      for (int i = 0; i < widths.length; i++) {
        line.append(' ')
            .append(row.get(i))
            .repeat(' ', widths[i] - row.get(i).length())
            .append(' ');
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
  }
}
