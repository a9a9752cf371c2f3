package cloud.runbeam.wgagent.app.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every metric of the tunnels. Counters get {@code _total} behind their name, as Prometheus wants.
 */
enum MetricFamily {
  NETWORK_UP(Kind.GAUGE, "network_up", "1 if the network is active and its sockets are open."),
  NETWORK_UPTIME(Kind.GAUGE, "network_uptime_seconds", "Seconds since the network became active."),
  NETWORK_PEERS(Kind.GAUGE, "network_peers", "Peers of the network's device."),
  NETWORK_DROPS(
      Kind.COUNTER, "network_dropped_packets", "Packets lost before a peer was known, by reason."),
  NETWORK_BUFFERS(
      Kind.GAUGE,
      "network_buffers",
      "Pooled buffers for packets that wait, by state: free, lent. All are free when none waits."),
  OFFLOAD(
      Kind.GAUGE,
      "offload",
      "1 if the operating system does this work for the network's device, otherwise 0; why."),
  PEER_SESSION(
      Kind.GAUGE, "peer_session_established", "1 if a session with the peer may carry data."),
  PEER_SENT_BYTES(Kind.COUNTER, "peer_sent_bytes", "Bytes of WireGuard messages sent to the peer."),
  PEER_RECEIVED_BYTES(
      Kind.COUNTER,
      "peer_received_bytes",
      "Bytes of authenticated WireGuard messages received from the peer."),
  PEER_SENT_PACKETS(Kind.COUNTER, "peer_sent_packets", "Transport messages sent to the peer."),
  PEER_RECEIVED_PACKETS(
      Kind.COUNTER,
      "peer_received_packets",
      "Authenticated transport messages received from the peer."),
  PEER_DROPS(Kind.COUNTER, "peer_dropped_packets", "Packets to or from the peer lost, by reason."),
  PEER_HANDSHAKES_INITIATED(
      Kind.COUNTER,
      "peer_handshakes_initiated",
      "Handshake initiations sent to the peer, retries included."),
  PEER_HANDSHAKES_COMPLETED(
      Kind.COUNTER,
      "peer_handshakes_completed",
      "Handshakes that led to a session, in either role."),
  PEER_LAST_HANDSHAKE(
      Kind.GAUGE,
      "peer_last_handshake_timestamp_seconds",
      "When the last handshake completed, in seconds since 1970; absent before the first."),
  PEER_HANDSHAKE_ROUND_TRIP(
      Kind.GAUGE,
      "peer_handshake_round_trip_seconds",
      "Initiation to response of the last handshake that this side began."),
  PEER_LOSS(
      Kind.GAUGE,
      "peer_loss_ratio",
      "Share of the peer's packets of the last minute that never came, by gaps in its counter."),
  PEER_REORDER(
      Kind.GAUGE,
      "peer_reorder_ratio",
      "Share of the packets received in the last minute that came behind a later one."),
  PEER_DUPLICATES(
      Kind.GAUGE,
      "peer_duplicate_ratio",
      "Packets of the last minute refused as seen before, against those received."),
  PEER_ENDPOINT_CHANGES(
      Kind.COUNTER, "peer_endpoint_changes", "How often the peer's endpoint moved by roaming.");

  private static final String PREFIX = "wg_agent_";

  private final Kind kind;
  private final String name;
  private final String help;

  MetricFamily(Kind kind, String name, String help) {
    this.kind = kind;
    this.name = PREFIX + name;
    this.help = help;
  }

  /** What one scrape shows of this family. */
  Points points() {
    return new Points(this);
  }

  private enum Kind {
    COUNTER,
    GAUGE
  }

  /** Data points of one family, collected during one scrape. */
  static final class Points {
    private final MetricFamily family;
    private final List<CounterDataPointSnapshot> counters = new ArrayList<>();
    private final List<GaugeDataPointSnapshot> gauges = new ArrayList<>();

    private Points(MetricFamily family) {
      this.family = family;
    }

    void add(Labels labels, double value) {
      if (family.kind == Kind.COUNTER) {
        counters.add(CounterDataPointSnapshot.builder().labels(labels).value(value).build());
      } else {
        gauges.add(GaugeDataPointSnapshot.builder().labels(labels).value(value).build());
      }
    }

    /** Null where there is nothing to show. */
    @Nullable MetricSnapshot snapshot() {
      if (counters.isEmpty() && gauges.isEmpty()) {
        return null;
      }
      MetricMetadata metadata = new MetricMetadata(family.name, family.help);
      return family.kind == Kind.COUNTER
          ? new CounterSnapshot(metadata, counters)
          : new GaugeSnapshot(metadata, gauges);
    }
  }
}
