package cloud.runbeam.wgagent.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.health.AgentCheckup;
import cloud.runbeam.wgagent.app.health.HealthJudge;
import cloud.runbeam.wgagent.app.probe.ProbeResult;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TunnelCollectorTest {
  private static final String NETWORK = "{interface=\"wg0\",network=\"default\"";
  private static final String CORE =
      NETWORK + ",peer=\"core\",public_key=\"" + Snapshots.key("core").toBase64() + "\"";

  private final AtomicInteger snapshots = new AtomicInteger();
  private final List<NetworkStatus> networks = new ArrayList<>();
  private final PrometheusRegistry registry = new PrometheusRegistry();

  TunnelCollectorTest() {
    registry.register(collector(new MetricLimits(100, true)));
  }

  private TunnelCollector collector(MetricLimits limits) {
    AgentCheckup checkup =
        new AgentCheckup(
            () -> {
              snapshots.incrementAndGet();
              return networks;
            },
            new HealthJudge(() -> Snapshots.HANDSHAKE.plusSeconds(10)),
            List.of());
    return new TunnelCollector(
        checkup, () -> new AgentCounts(3, 5), new AgentFacts("1.2.3", "25", "fast", "linux"), limits, TunnelCollectorTest::probed);
  }

  private static Optional<ProbeResult> probed(String network, PublicKey peer) {
    return network.equals("default") && peer.equals(Snapshots.key("core"))
        ? Optional.of(
            new ProbeResult(
                Optional.of(Duration.ofMillis(40)),
                0.5,
                OptionalInt.of(1_280),
                true,
                Optional.empty()))
        : Optional.empty();
  }

  @Test
  void showsWhatTheDeviceCounted() throws IOException {
    networks.add(Snapshots.active(Snapshots.activePeer("core")));

    assertThat(scrape())
        .contains(
            "# TYPE wg_agent_peer_sent_bytes_total counter",
            "wg_agent_network_up" + NETWORK + "} 1.0",
            "wg_agent_network_uptime_seconds" + NETWORK + "} 90.0",
            "wg_agent_info{aead=\"fast\",java=\"25\",platform=\"linux\",version=\"1.2.3\"} 1.0",
            "wg_agent_health 0.0",
            "wg_agent_clock_jumps_total 3.0",
            "wg_agent_log_lines_left_out_total 5.0",
            "wg_agent_network_state" + NETWORK + ",state=\"active\"} 1.0",
            "wg_agent_network_state" + NETWORK + ",state=\"error\"} 0.0",
            "wg_agent_network_health" + NETWORK + "} 0.0",
            "wg_agent_network_peers" + NETWORK + "} 1.0",
            "wg_agent_network_peers_active" + NETWORK + "} 1.0",
            "wg_agent_network_peers_healthy" + NETWORK + "} 1.0",
            "wg_agent_network_peers_omitted" + NETWORK + "} 0.0",
            "wg_agent_network_sent_bytes_total" + NETWORK + "} 1000.0",
            "wg_agent_network_received_bytes_total" + NETWORK + "} 10000.0",
            "wg_agent_network_handshake_queue_messages" + NETWORK + "} 0.0",
            "wg_agent_network_dropped_packets_total" + NETWORK + ",reason=\"invalid_mac1\"} 7.0",
            "wg_agent_network_buffers" + NETWORK + ",state=\"free\"} 2170.0",
            "wg_agent_network_buffers" + NETWORK + ",state=\"lent\"} 6.0",
            "wg_agent_offload{interface=\"wg0\",kind=\"tun\",network=\"default\","
                + "reason=\"TCP super-packets\"} 1.0",
            "wg_agent_offload{interface=\"wg0\",kind=\"udp_send\",network=\"default\","
                + "reason=\"sendmmsg with UDP_SEGMENT: EIO\"} 0.0",
            "wg_agent_peer_session_established" + CORE + "} 1.0",
            "wg_agent_peer_healthy" + CORE + "} 1.0",
            "wg_agent_peer_handshakes_failed_total" + CORE + "} 0.0",
            "wg_agent_peer_handshakes_unanswered" + CORE + "} 0.0",
            "wg_agent_peer_rekeys_total" + CORE + "} 1.0",
            "wg_agent_peer_sent_bytes_total" + CORE + "} 1000.0",
            "wg_agent_peer_received_bytes_total" + CORE + "} 10000.0",
            "wg_agent_peer_sent_packets_total" + CORE + "} 10.0",
            "wg_agent_peer_received_packets_total" + CORE + "} 100.0",
            "wg_agent_peer_dropped_packets_total" + CORE + ",reason=\"replayed_counter\"} 5.0",
            "wg_agent_peer_handshakes_initiated_total" + CORE + "} 3.0",
            "wg_agent_peer_handshakes_completed_total" + CORE + "} 2.0",
            "wg_agent_peer_last_handshake_timestamp_seconds" + CORE + "} 1.767323045E9",
            "wg_agent_peer_handshake_round_trip_seconds" + CORE + "} 0.001234567",
            "wg_agent_peer_loss_ratio" + CORE + "} 0.25",
            "wg_agent_peer_reorder_ratio" + CORE + "} 0.125",
            "wg_agent_peer_probe_round_trip_seconds" + CORE + "} 0.04",
            "wg_agent_peer_probe_loss_ratio" + CORE + "} 0.5",
            "wg_agent_peer_path_mtu_bytes" + CORE + "} 1280.0",
            "wg_agent_peer_endpoint_changes_total" + CORE + "} 1.0");
  }

  @Test
  void speaksTheNamesOfOtherProgramsUnlessTold() throws IOException {
    networks.add(Snapshots.active(Snapshots.activePeer("core")));
    String peer =
        "{allowed_ips=\"10.42.0.0/16\",friendly_name=\"core\",interface=\"wg0\",public_key=\""
            + Snapshots.key("core").toBase64()
            + "\"}";

    assertThat(scrape())
        .contains(
            "wireguard_sent_bytes_total" + peer + " 1000.0",
            "wireguard_received_bytes_total" + peer + " 10000.0",
            "wireguard_latest_handshake_seconds" + peer + " 1.767323045E9",
            "wg_network_state{network=\"default\"} 2.0",
            "wg_bytes_transmitted{network=\"default\"} 1000.0",
            "wg_bytes_received{network=\"default\"} 10000.0",
            "wg_peers_total{network=\"default\"} 1.0",
            "wg_peers_active{network=\"default\"} 1.0");
    assertThat(scrape(collector(new MetricLimits(100, false))))
        .anyMatch(line -> line.startsWith("wg_agent_peer_sent_bytes_total"))
        .noneMatch(line -> line.contains("wireguard_") || line.startsWith("wg_bytes"));
  }

  @Test
  void boundsItsSeriesAndSaysHowManyPeersItLeftOut() throws IOException {
    PeerSnapshot[] peers =
        IntStream.range(0, 1_000)
            .mapToObj(i -> Snapshots.activePeer("peer " + i))
            .toArray(PeerSnapshot[]::new);
    networks.add(Snapshots.active(peers));

    List<String> shown = scrape(collector(new MetricLimits(7, true)));

    assertThat(shown.stream().filter(line -> line.startsWith("wg_agent_peer_sent_bytes_total")))
        .hasSize(7);
    assertThat(shown.stream().filter(line -> line.startsWith("wireguard_sent_bytes_total")))
        .hasSize(7);
    assertThat(shown)
        .contains(
            "wg_agent_network_peers_omitted" + NETWORK + "} 993.0",
            "wg_agent_network_peers" + NETWORK + "} 1000.0",
            "wg_agent_network_sent_bytes_total" + NETWORK + "} 1000000.0",
            "wg_bytes_transmitted{network=\"default\"} 1000000.0");
  }

  @Test
  void keepsLabelsHarmlessWhateverTheSystemSays() {
    assertThat(LabelText.of("a\nb\u001b[31m\u202e\u2028c"))
        .isEqualTo("a\uFFFDb\uFFFD[31m\uFFFD\uFFFDc");
    assertThat(LabelText.of("x".repeat(5_000))).hasSize(LabelText.MAX_LENGTH + 1).endsWith("…");
    assertThat(LabelText.of("größe 1")).isEqualTo("größe 1");
  }

  @Test
  void takesOneSnapshotPerScrapeHoweverManyPeers() throws IOException {
    networks.add(Snapshots.active(Snapshots.activePeer("core"), Snapshots.activePeer("laptop")));
    int before = snapshots.get();

    scrape();

    assertThat(snapshots.get() - before).isEqualTo(1);
  }

  @Test
  void letsPeersComeAndGo() throws IOException {
    networks.add(Snapshots.active(Snapshots.activePeer("core")));
    assertThat(scrape()).anyMatch(line -> line.contains("peer=\"core\""));

    networks.set(0, Snapshots.active(Snapshots.activePeer("laptop")));

    assertThat(scrape())
        .noneMatch(line -> line.contains("peer=\"core\""))
        .anyMatch(line -> line.contains("peer=\"laptop\""));
  }

  @Test
  void namesAPeerOutsideTheConfigurationByItsKey() throws IOException {
    networks.add(Snapshots.active(Snapshots.activePeer("stranger")));

    assertThat(scrape())
        .anyMatch(line -> line.contains("peer=\"" + Snapshots.key("stranger").toBase64() + "\""));
  }

  @Test
  void showsANetworkWithoutDeviceAsDown() throws IOException {
    networks.add(Snapshots.idle(TunnelState.ERROR, Optional.of("gone")));

    assertThat(scrape())
        .contains("wg_agent_network_up" + NETWORK + "} 0.0")
        .noneMatch(line -> line.startsWith("wg_agent_peer"));
  }

  @Test
  void leavesOutAHandshakeThatNeverWas() throws IOException {
    networks.add(Snapshots.active(Snapshots.peer("core", 0, Optional.empty(), false, 0)));

    assertThat(scrape()).noneMatch(line -> line.contains("last_handshake"));
  }

  private List<String> scrape() throws IOException {
    return text(registry.scrape());
  }

  private static List<String> scrape(TunnelCollector collector) throws IOException {
    return text(collector.collect());
  }

  private static List<String> text(MetricSnapshots snapshots) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(text, snapshots);
    return text.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
