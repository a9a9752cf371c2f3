package cloud.runbeam.wgagent.app.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every metric of the tunnels, for Prometheus and for {@code docs/metrics.md}. Counters get {@code
 * _total} behind their name, as Prometheus wants.
 */
@SuppressWarnings("ImmutableEnumChecker") // the lists are made by List.of
enum MetricFamily {
  // The agent as a whole.
  INFO(
      Kind.GAUGE,
      Scope.AGENT,
      "info",
      "Always 1; version, Java and the AEAD that carries the data are labels.",
      "version",
      "java",
      "aead",
      "platform"),
  HEALTH(
      Kind.GAUGE,
      Scope.AGENT,
      "health",
      "0 healthy, 1 degraded, 2 failed: the worst of the networks and of the agent itself."),
  CLOCK_JUMPS(
      Kind.COUNTER,
      Scope.AGENT,
      "clock_jumps",
      "Jumps of the wall clock by more than half a minute."),
  LOG_LEFT_OUT(
      Kind.COUNTER,
      Scope.AGENT,
      "log_lines_left_out",
      "Lines of the log left out because there were too many like them."),

  // Networks.
  NETWORK_UP(
      Kind.GAUGE,
      Scope.NETWORK,
      "network_up",
      "1 if the network is active and its sockets are open."),
  NETWORK_STATE(
      Kind.GAUGE,
      Scope.NETWORK,
      "network_state",
      "1 for the state the network is in, 0 for the others.",
      "state"),
  NETWORK_HEALTH(Kind.GAUGE, Scope.NETWORK, "network_health", "0 healthy, 1 degraded, 2 failed."),
  NETWORK_UPTIME(
      Kind.GAUGE,
      Scope.NETWORK,
      "network_uptime_seconds",
      "Seconds since the network became active."),
  NETWORK_PEERS(Kind.GAUGE, Scope.NETWORK, "network_peers", "Peers of the network's device."),
  NETWORK_PEERS_ACTIVE(
      Kind.GAUGE,
      Scope.NETWORK,
      "network_peers_active",
      "Peers with a session that may carry data."),
  NETWORK_PEERS_HEALTHY(
      Kind.GAUGE,
      Scope.NETWORK,
      "network_peers_healthy",
      "Peers that do what can be expected of them now."),
  NETWORK_PEERS_OMITTED(
      Kind.GAUGE,
      Scope.NETWORK,
      "network_peers_omitted",
      "Peers without series of their own because of metrics.peer_limit."),
  NETWORK_SENT_BYTES(
      Kind.COUNTER,
      Scope.NETWORK,
      "network_sent_bytes",
      "Bytes of WireGuard messages sent to the peers of now."),
  NETWORK_RECEIVED_BYTES(
      Kind.COUNTER,
      Scope.NETWORK,
      "network_received_bytes",
      "Bytes of authenticated WireGuard messages received from the peers of now."),
  NETWORK_DROPS(
      Kind.COUNTER,
      Scope.NETWORK,
      "network_dropped_packets",
      "Packets lost before a peer was known, by reason.",
      "reason"),
  NETWORK_BUFFERS(
      Kind.GAUGE,
      Scope.NETWORK,
      "network_buffers",
      "Pooled buffers for packets that wait, by state: free, lent. All are free when none waits.",
      "state"),
  NETWORK_QUEUE(
      Kind.GAUGE,
      Scope.NETWORK,
      "network_handshake_queue_messages",
      "Handshake and cookie messages that wait for the conductor; 1,024 fit."),
  OFFLOAD(
      Kind.GAUGE,
      Scope.NETWORK,
      "offload",
      "1 if the operating system does this work for the network's device, otherwise 0; why.",
      "kind",
      "reason"),

  // Peers.
  PEER_SESSION(
      Kind.GAUGE,
      Scope.PEER,
      "peer_session_established",
      "1 if a session with the peer may carry data."),
  PEER_HEALTHY(
      Kind.GAUGE, Scope.PEER, "peer_healthy", "1 if the peer does what can be expected of it now."),
  PEER_SENT_BYTES(
      Kind.COUNTER, Scope.PEER, "peer_sent_bytes", "Bytes of WireGuard messages sent to the peer."),
  PEER_RECEIVED_BYTES(
      Kind.COUNTER,
      Scope.PEER,
      "peer_received_bytes",
      "Bytes of authenticated WireGuard messages received from the peer."),
  PEER_SENT_PACKETS(
      Kind.COUNTER, Scope.PEER, "peer_sent_packets", "Transport messages sent to the peer."),
  PEER_RECEIVED_PACKETS(
      Kind.COUNTER,
      Scope.PEER,
      "peer_received_packets",
      "Authenticated transport messages received from the peer."),
  PEER_DROPS(
      Kind.COUNTER,
      Scope.PEER,
      "peer_dropped_packets",
      "Packets to or from the peer lost, by reason.",
      "reason"),
  PEER_HANDSHAKES_INITIATED(
      Kind.COUNTER,
      Scope.PEER,
      "peer_handshakes_initiated",
      "Handshake initiations sent to the peer, retries included."),
  PEER_HANDSHAKES_COMPLETED(
      Kind.COUNTER,
      Scope.PEER,
      "peer_handshakes_completed",
      "Handshakes that led to a session, in either role."),
  PEER_HANDSHAKES_FAILED(
      Kind.COUNTER,
      Scope.PEER,
      "peer_handshakes_failed",
      "Handshakes given up after all their retries."),
  PEER_HANDSHAKES_UNANSWERED(
      Kind.GAUGE,
      Scope.PEER,
      "peer_handshakes_unanswered",
      "Initiations sent since the last completed handshake; a peer that answers leaves one at most."),
  PEER_REKEYS(
      Kind.COUNTER,
      Scope.PEER,
      "peer_rekeys",
      "Sessions that followed an earlier one: completed handshakes without the first."),
  PEER_LAST_HANDSHAKE(
      Kind.GAUGE,
      Scope.PEER,
      "peer_last_handshake_timestamp_seconds",
      "When the last handshake completed, in seconds since 1970; absent before the first."),
  PEER_HANDSHAKE_ROUND_TRIP(
      Kind.GAUGE,
      Scope.PEER,
      "peer_handshake_round_trip_seconds",
      "Initiation to response of the last handshake that this side began."),
  PEER_SILENCE(
      Kind.GAUGE,
      Scope.PEER,
      "peer_silence_seconds",
      "Seconds since the last authenticated message of the peer; absent before the first."),
  PEER_LOSS(
      Kind.GAUGE,
      Scope.PEER,
      "peer_loss_ratio",
      "Share of the peer's packets of the last minute that never came, by gaps in its counter."),
  PEER_REORDER(
      Kind.GAUGE,
      Scope.PEER,
      "peer_reorder_ratio",
      "Share of the packets received in the last minute that came behind a later one."),
  PEER_DUPLICATES(
      Kind.GAUGE,
      Scope.PEER,
      "peer_duplicate_ratio",
      "Packets of the last minute refused as seen before, against those received."),
  PEER_PROBE_ROUND_TRIP(
      Kind.GAUGE,
      Scope.PEER,
      "peer_probe_round_trip_seconds",
      "Round trip of the last answered echo to the peer's probe address; absent without one."),
  PEER_PROBE_LOSS(
      Kind.GAUGE,
      Scope.PEER,
      "peer_probe_loss_ratio",
      "Share of the last echoes to the peer's probe address that were not answered."),
  PEER_PATH_MTU(
      Kind.GAUGE,
      Scope.PEER,
      "peer_path_mtu_bytes",
      "The longest packet inside the tunnel that probing found to pass; absent until known."),
  PEER_ENDPOINT_CHANGES(
      Kind.COUNTER,
      Scope.PEER,
      "peer_endpoint_changes",
      "How often the peer's endpoint moved by roaming."),

  // Names of prometheus_wireguard_exporter.
  EXPORTER_SENT(
      Kind.COUNTER, Scope.EXPORTER_PEER, "wireguard_sent_bytes", "Bytes sent to the peer."),
  EXPORTER_RECEIVED(
      Kind.COUNTER,
      Scope.EXPORTER_PEER,
      "wireguard_received_bytes",
      "Bytes received from the peer."),
  EXPORTER_HANDSHAKE(
      Kind.GAUGE,
      Scope.EXPORTER_PEER,
      "wireguard_latest_handshake_seconds",
      "When the last handshake completed, in seconds since 1970; 0 before the first."),

  // Names of the Rust agent.
  RUST_STATE(
      Kind.GAUGE,
      Scope.RUST_NETWORK,
      "wg_network_state",
      "0 disconnected, 1 connecting, 2 connected, 3 degraded, 4 failed."),
  RUST_SENT(Kind.UNTYPED, Scope.RUST_NETWORK, "wg_bytes_transmitted", "Bytes sent to all peers."),
  RUST_RECEIVED(
      Kind.UNTYPED, Scope.RUST_NETWORK, "wg_bytes_received", "Bytes received from all peers."),
  RUST_PEERS(Kind.GAUGE, Scope.RUST_NETWORK, "wg_peers_total", "Peers of the network."),
  RUST_PEERS_ACTIVE(Kind.GAUGE, Scope.RUST_NETWORK, "wg_peers_active", "Peers with a session.");

  private final Kind kind;
  private final Scope scope;
  private final String name;
  private final String help;
  private final List<String> ownLabels;

  MetricFamily(Kind kind, Scope scope, String name, String help, String... ownLabels) {
    this.kind = kind;
    this.scope = scope;
    this.name = scope.prefix + name;
    this.help = help;
    this.ownLabels = List.of(ownLabels);
  }

  /** As it is scraped. */
  String exposedName() {
    return kind == Kind.COUNTER ? name + "_total" : name;
  }

  /** {@code counter}, {@code gauge} or {@code untyped}. */
  String type() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  String help() {
    return help;
  }

  Scope scope() {
    return scope;
  }

  /** Every label a series of this family has. */
  List<String> labels() {
    List<String> all = new ArrayList<>(scope.labels);
    all.addAll(ownLabels);
    return all;
  }

  /** What one scrape shows of this family. */
  Points points() {
    return new Points(this);
  }

  /** What there is one series of, and by which labels it is known. */
  enum Scope {
    /** The agent. */
    AGENT("wg_agent_", false, List.of()),
    /** Each network. */
    NETWORK("wg_agent_", false, List.of("network", "interface")),
    /** Each peer, up to the limit. */
    PEER("wg_agent_", false, List.of("network", "interface", "peer", "public_key")),
    /** Each peer, as the exporter names it. */
    EXPORTER_PEER("", true, List.of("interface", "public_key", "allowed_ips", "friendly_name")),
    /** Each network, as the Rust agent names it. */
    RUST_NETWORK("", true, List.of("network"));

    private final String prefix;
    private final boolean compatibility;
    private final List<String> labels;

    Scope(String prefix, boolean compatibility, List<String> labels) {
      this.prefix = prefix;
      this.compatibility = compatibility;
      this.labels = labels;
    }

    /** Whether {@code metrics.compatibility} switches it. */
    boolean compatibility() {
      return compatibility;
    }
  }

  private enum Kind {
    COUNTER,
    GAUGE,
    /** A count whose familiar name lacks the ending of counters. */
    UNTYPED
  }

  /** Data points of one family, collected during one scrape. */
  static final class Points {
    private final MetricFamily family;
    private final List<CounterDataPointSnapshot> counters = new ArrayList<>();
    private final List<GaugeDataPointSnapshot> gauges = new ArrayList<>();
    private final List<UnknownDataPointSnapshot> others = new ArrayList<>();

    private Points(MetricFamily family) {
      this.family = family;
    }

    void add(Labels labels, double value) {
      switch (family.kind) {
        case COUNTER -> counters.add(new CounterDataPointSnapshot(value, labels, null, 0));
        case GAUGE -> gauges.add(new GaugeDataPointSnapshot(value, labels, null));
        case UNTYPED -> others.add(new UnknownDataPointSnapshot(value, labels, null));
      }
    }

    /** Null where there is nothing to show. */
    @Nullable MetricSnapshot snapshot() {
      if (counters.isEmpty() && gauges.isEmpty() && others.isEmpty()) {
        return null;
      }
      MetricMetadata metadata = new MetricMetadata(family.name, family.help);
      return switch (family.kind) {
        case COUNTER -> new CounterSnapshot(metadata, counters);
        case GAUGE -> new GaugeSnapshot(metadata, gauges);
        case UNTYPED -> new UnknownSnapshot(metadata, others);
      };
    }
  }
}
