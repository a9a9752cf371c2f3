package cloud.runbeam.wgagent.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TunnelCollectorTest {
  private static final String NETWORK = "{interface=\"wg0\",network=\"default\"";
  private static final String CORE =
      NETWORK + ",peer=\"core\",public_key=\"" + Snapshots.key("core").toBase64() + "\"";

  private final AtomicInteger snapshots = new AtomicInteger();
  private final List<NetworkStatus> networks = new ArrayList<>();
  private final PrometheusRegistry registry = new PrometheusRegistry();

  TunnelCollectorTest() {
    registry.register(
        new TunnelCollector(() -> {
          snapshots.incrementAndGet();
          return networks;
        }));
  }

  @Test
  void showsWhatTheDeviceCounted() throws IOException {
    networks.add(Snapshots.active(Snapshots.activePeer("core")));

    assertThat(scrape())
        .contains(
            "# TYPE wg_agent_peer_sent_bytes_total counter",
            "wg_agent_network_up" + NETWORK + "} 1.0",
            "wg_agent_network_uptime_seconds" + NETWORK + "} 90.0",
            "wg_agent_network_peers" + NETWORK + "} 1.0",
            "wg_agent_network_dropped_packets_total" + NETWORK + ",reason=\"invalid_mac1\"} 7.0",
            "wg_agent_network_buffers" + NETWORK + ",state=\"free\"} 2170.0",
            "wg_agent_network_buffers" + NETWORK + ",state=\"lent\"} 6.0",
            "wg_agent_offload{interface=\"wg0\",kind=\"tun\",network=\"default\","
                + "reason=\"TCP super-packets\"} 1.0",
            "wg_agent_offload{interface=\"wg0\",kind=\"udp_send\",network=\"default\","
                + "reason=\"sendmmsg with UDP_SEGMENT: EIO\"} 0.0",
            "wg_agent_peer_session_established" + CORE + "} 1.0",
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
            "wg_agent_peer_endpoint_changes_total" + CORE + "} 1.0");
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
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(text, registry.scrape());
    return text.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
