package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All peers at one moment with how fast they are right now, which takes the moment before. One
 * thread.
 */
public final class LiveTable {
  private static final double NS_PER_SECOND = 1e9;

  /** Bytes of a peer when it was last looked at. */
  private record Sample(long txBytes, long rxBytes) {}

  private Map<String, Sample> before = new HashMap<>();
  private long beforeNs;

  /**
   * The lines to show.
   *
   * @param report what the agent says now
   * @param nowNs when, from a monotonic clock
   */
  public List<String> lines(StatusReport report, long nowNs, CommandOutput output) {
    double seconds = before.isEmpty() ? 0 : (nowNs - beforeNs) / NS_PER_SECOND;
    Map<String, Sample> now = new HashMap<>();
    List<String> lines = new ArrayList<>();
    for (JsonObject network : report.networks()) {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.add(heading(network, output));
      TextTable table =
          new TextTable("peer~", "endpoint~", "handshake", "latency", "loss", "out", "in", "state");
      for (JsonObject peer :
          network.object("peers").map(peers -> peers.objects("detail")).orElse(List.of())) {
        String key = network.text("network").orElse("") + "/" + peer.text("public_key").orElse("");
        Sample sample =
            new Sample(peer.integer("tx_bytes").orElse(0L), peer.integer("rx_bytes").orElse(0L));
        now.put(key, sample);
        row(table, peer, sample, before.get(key), seconds);
      }
      if (!table.isEmpty()) {
        lines.addAll(table.text(output).lines().toList());
      }
    }
    before = now;
    beforeNs = nowNs;
    return lines.isEmpty() ? List.of("no networks") : lines;
  }

  private static String heading(JsonObject network, CommandOutput output) {
    String state = network.text("state").orElse("?");
    String health = network.text("health").orElse("");
    String name = TextTable.printable(network.text("network").orElse("?"));
    return name
        + ": "
        + Shade.of(state).paint(state, output.colours())
        + (health.isEmpty() ? "" : ", " + Shade.of(health).paint(health, output.colours()))
        + network.text("interface").map(text -> ", " + TextTable.printable(text)).orElse("");
  }

  private static void row(
      TextTable table, JsonObject peer, Sample now, @Nullable Sample before, double seconds) {
    boolean known = before != null && seconds > 0;
    Sample since = before == null ? now : before;
    table.row(
        peer.text("name").or(() -> peer.text("public_key")).orElse("?"),
        peer.text("endpoint").orElse("-"),
        peer.integer("last_handshake_seconds").map(Spans::text).orElse("never"),
        StatusReport.latency(peer),
        peer.number("loss_ratio")
            .map(ratio -> String.format(Locale.ROOT, "%.1f %%", ratio * 100))
            .orElse("-"),
        known ? rate((now.txBytes() - since.txBytes()) / seconds) : "-",
        known ? rate((now.rxBytes() - since.rxBytes()) / seconds) : "-",
        peer.text("state").orElse("-"));
  }

  private static String rate(double bytesPerSecond) {
    return ByteCount.text(Math.max(0, Math.round(bytesPerSecond))) + "/s";
  }
}
