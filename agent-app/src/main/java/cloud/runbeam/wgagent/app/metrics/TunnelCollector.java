package cloud.runbeam.wgagent.app.metrics;

import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.status.BufferSnapshot;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Shows the tunnels to Prometheus: each scrape takes one snapshot of each device and reads
 * everything from it, so that the figures of one scrape belong together, and peers come and go
 * without being registered. (A Micrometer meter per peer and figure would take ten snapshots of a
 * device per peer, and some kilobytes of memory each.)
 *
 * <p>Names and public keys are labels; secrets are not even in the snapshots. Any thread.
 */
public final class TunnelCollector implements MultiCollector {
  private final Supplier<List<NetworkStatus>> networks;

  /** A collector that asks {@code networks} once per scrape. */
  public TunnelCollector(Supplier<List<NetworkStatus>> networks) {
    this.networks = networks;
  }

  @Override
  public MetricSnapshots collect() {
    Map<MetricFamily, MetricFamily.Points> families = new EnumMap<>(MetricFamily.class);
    for (MetricFamily family : MetricFamily.values()) {
      families.put(family, family.points());
    }
    for (NetworkStatus network : networks.get()) {
      new Scrape(families).network(network);
    }
    MetricSnapshots.Builder result = MetricSnapshots.builder();
    for (MetricFamily.Points points : families.values()) {
      MetricSnapshot snapshot = points.snapshot();
      if (snapshot != null) {
        result.metricSnapshot(snapshot);
      }
    }
    return result.build();
  }

  /** One pass over one network. */
  private record Scrape(Map<MetricFamily, MetricFamily.Points> families) {
    private void network(NetworkStatus network) {
      Labels labels = Labels.of("network", network.name(), "interface", network.interfaceName());
      boolean up =
          network.state() == TunnelState.ACTIVE
              && network.device().map(DeviceSnapshot::up).orElse(false);
      add(MetricFamily.NETWORK_UP, labels, up ? 1 : 0);
      network
          .uptime()
          .ifPresent(uptime -> add(MetricFamily.NETWORK_UPTIME, labels, uptime.toNanos() / 1e9));
      if (network.device().isEmpty()) {
        return;
      }
      DeviceSnapshot device = network.device().get();
      add(MetricFamily.NETWORK_PEERS, labels, device.peers().size());
      drops(MetricFamily.NETWORK_DROPS, labels, device.drops());
      BufferSnapshot buffers = device.buffers();
      add(MetricFamily.NETWORK_BUFFERS, labels.add("state", "free"), buffers.free());
      add(
          MetricFamily.NETWORK_BUFFERS,
          labels.add("state", "lent"),
          buffers.capacity() - buffers.free());
      for (OffloadState offload : device.offloads()) {
        Labels which = labels.add("kind", offload.kind()).add("reason", offload.detail());
        add(MetricFamily.OFFLOAD, which, offload.on() ? 1 : 0);
      }
      for (PeerSnapshot peer : device.peers()) {
        String name = network.peerName(peer.publicKey());
        peer(labels.add("peer", name).add("public_key", peer.publicKey().toBase64()), peer);
      }
    }

    private void peer(Labels labels, PeerSnapshot peer) {
      add(MetricFamily.PEER_SESSION, labels, peer.sessionEstablished() ? 1 : 0);
      add(MetricFamily.PEER_SENT_BYTES, labels, peer.txBytes());
      add(MetricFamily.PEER_RECEIVED_BYTES, labels, peer.rxBytes());
      add(MetricFamily.PEER_SENT_PACKETS, labels, peer.txPackets());
      add(MetricFamily.PEER_RECEIVED_PACKETS, labels, peer.rxPackets());
      drops(MetricFamily.PEER_DROPS, labels, peer.drops());
      add(MetricFamily.PEER_HANDSHAKES_INITIATED, labels, peer.handshakesInitiated());
      add(MetricFamily.PEER_HANDSHAKES_COMPLETED, labels, peer.handshakesCompleted());
      peer.lastHandshake()
          .ifPresent(at -> add(MetricFamily.PEER_LAST_HANDSHAKE, labels, at.toEpochMilli() / 1e3));
      peer.handshakeRoundTrip()
          .ifPresent(
              time -> add(MetricFamily.PEER_HANDSHAKE_ROUND_TRIP, labels, time.toNanos() / 1e9));
      peer.quality().lossRatio().ifPresent(ratio -> add(MetricFamily.PEER_LOSS, labels, ratio));
      peer.quality()
          .reorderRatio()
          .ifPresent(ratio -> add(MetricFamily.PEER_REORDER, labels, ratio));
      peer.quality()
          .duplicateRatio()
          .ifPresent(ratio -> add(MetricFamily.PEER_DUPLICATES, labels, ratio));
      add(MetricFamily.PEER_ENDPOINT_CHANGES, labels, peer.endpointChanges());
    }

    private void drops(MetricFamily family, Labels labels, Map<DropReason, Long> drops) {
      drops.forEach((reason, count) ->
          add(family, labels.add("reason", reason.name().toLowerCase(Locale.ROOT)), count));
    }

    /** Prometheus knows doubles only: exact up to 2^53, eight petabytes. */
    private void add(MetricFamily family, Labels labels, long value) {
      add(family, labels, (double) value);
    }

    private void add(MetricFamily family, Labels labels, double value) {
      MetricFamily.Points points = families.get(family);
      if (points != null) {
        points.add(labels, value);
      }
    }
  }
}
