package cloud.runbeam.wgagent.app.metrics;

import cloud.runbeam.wgagent.app.health.AgentHealth.OfNetwork;
import cloud.runbeam.wgagent.app.health.NetworkHealth;
import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.health.PeerHealth;
import cloud.runbeam.wgagent.app.probe.ProbeResult;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.BufferSnapshot;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One pass over all networks, filling the families. One thread, thrown away afterwards. */
final class Scrape {
  private final Map<MetricFamily, MetricFamily.Points> families;
  private final ProbeResults probes;
  private int peersLeft;

  Scrape(Map<MetricFamily, MetricFamily.Points> families, int peerLimit, ProbeResults probes) {
    this.probes = probes;
    this.families = families;
    this.peersLeft = peerLimit;
  }

  void network(OfNetwork judged) {
    NetworkStatus network = judged.status();
    NetworkHealth health = judged.health();
    Labels labels =
        Labels.of(
            "network", LabelText.of(network.name()),
            "interface", LabelText.of(network.interfaceName()));
    boolean up =
        network.state() == TunnelState.ACTIVE
            && network.device().map(DeviceSnapshot::up).orElse(false);
    add(MetricFamily.NETWORK_UP, labels, up ? 1 : 0);
    for (TunnelState state : TunnelState.values()) {
      add(
          MetricFamily.NETWORK_STATE,
          labels.add("state", state.code()),
          state == network.state() ? 1 : 0);
    }
    add(MetricFamily.NETWORK_HEALTH, labels, severity(health.verdict()));
    network
        .uptime()
        .ifPresent(uptime -> add(MetricFamily.NETWORK_UPTIME, labels, uptime.toNanos() / 1e9));
    network.device().ifPresent(device -> device(network.name(), labels, device, health));
    rustAgent(network, health);
  }

  private void device(
      String network, Labels labels, DeviceSnapshot device, NetworkHealth health) {
    drops(MetricFamily.NETWORK_DROPS, labels, device.drops());
    BufferSnapshot buffers = device.buffers();
    add(MetricFamily.NETWORK_BUFFERS, labels.add("state", "free"), buffers.free());
    add(
        MetricFamily.NETWORK_BUFFERS,
        labels.add("state", "lent"),
        buffers.capacity() - buffers.free());
    add(MetricFamily.NETWORK_QUEUE, labels, device.queuedHandshakes());
    for (OffloadState offload : device.offloads()) {
      Labels which =
          labels
              .add("kind", LabelText.of(offload.kind()))
              .add("reason", LabelText.of(offload.detail()));
      add(MetricFamily.OFFLOAD, which, offload.on() ? 1 : 0);
    }
    List<PeerSnapshot> peers = device.peers();
    List<PeerHealth> judged = health.peers();
    add(MetricFamily.NETWORK_PEERS, labels, peers.size());
    add(
        MetricFamily.NETWORK_PEERS_ACTIVE,
        labels,
        judged.stream().filter(PeerHealth::active).count());
    add(
        MetricFamily.NETWORK_PEERS_HEALTHY,
        labels,
        judged.stream().filter(PeerHealth::healthy).count());
    add(MetricFamily.NETWORK_SENT_BYTES, labels, sentBytes(device));
    add(MetricFamily.NETWORK_RECEIVED_BYTES, labels, receivedBytes(device));
    int shown = Math.min(peers.size(), peersLeft);
    peersLeft -= shown;
    add(MetricFamily.NETWORK_PEERS_OMITTED, labels, peers.size() - shown);
    for (int i = 0; i < shown; i++) {
      PeerHealth peer = judged.get(i);
      String name = LabelText.of(peer.name());
      Labels ofPeer = labels.add("peer", name).add("public_key", peer.publicKey());
      peer(ofPeer, peers.get(i), peer);
      probes.of(network, peers.get(i).publicKey()).ifPresent(found -> probe(ofPeer, found));
      exporter(device.interfaceName(), peers.get(i), name, peer.publicKey());
    }
  }

  private void peer(Labels labels, PeerSnapshot peer, PeerHealth health) {
    add(MetricFamily.PEER_SESSION, labels, peer.sessionEstablished() ? 1 : 0);
    add(MetricFamily.PEER_HEALTHY, labels, health.healthy() ? 1 : 0);
    add(MetricFamily.PEER_SENT_BYTES, labels, peer.txBytes());
    add(MetricFamily.PEER_RECEIVED_BYTES, labels, peer.rxBytes());
    add(MetricFamily.PEER_SENT_PACKETS, labels, peer.txPackets());
    add(MetricFamily.PEER_RECEIVED_PACKETS, labels, peer.rxPackets());
    drops(MetricFamily.PEER_DROPS, labels, peer.drops());
    add(MetricFamily.PEER_HANDSHAKES_INITIATED, labels, peer.handshakesInitiated());
    add(MetricFamily.PEER_HANDSHAKES_COMPLETED, labels, peer.handshakesCompleted());
    add(MetricFamily.PEER_HANDSHAKES_FAILED, labels, peer.handshakesFailed());
    add(MetricFamily.PEER_HANDSHAKES_UNANSWERED, labels, peer.handshakesUnanswered());
    add(MetricFamily.PEER_REKEYS, labels, Math.max(0, peer.handshakesCompleted() - 1));
    peer.lastHandshake()
        .ifPresent(at -> add(MetricFamily.PEER_LAST_HANDSHAKE, labels, at.toEpochMilli() / 1e3));
    peer.handshakeRoundTrip()
        .ifPresent(
            time -> add(MetricFamily.PEER_HANDSHAKE_ROUND_TRIP, labels, time.toNanos() / 1e9));
    peer.quality()
        .silentFor()
        .ifPresent(time -> add(MetricFamily.PEER_SILENCE, labels, time.toNanos() / 1e9));
    peer.quality().lossRatio().ifPresent(ratio -> add(MetricFamily.PEER_LOSS, labels, ratio));
    peer.quality().reorderRatio().ifPresent(ratio -> add(MetricFamily.PEER_REORDER, labels, ratio));
    peer.quality()
        .duplicateRatio()
        .ifPresent(ratio -> add(MetricFamily.PEER_DUPLICATES, labels, ratio));
    add(MetricFamily.PEER_ENDPOINT_CHANGES, labels, peer.endpointChanges());
  }

  private void probe(Labels labels, ProbeResult found) {
    found
        .latency()
        .ifPresent(time -> add(MetricFamily.PEER_PROBE_ROUND_TRIP, labels, time.toNanos() / 1e9));
    add(MetricFamily.PEER_PROBE_LOSS, labels, found.lossRatio());
    found
        .pathMtuBytes()
        .ifPresent(bytes -> add(MetricFamily.PEER_PATH_MTU, labels, (long) bytes));
  }

  // Names of others.

  private void exporter(String interfaceName, PeerSnapshot peer, String name, String publicKey) {
    if (!families.containsKey(MetricFamily.EXPORTER_SENT)) {
      return;
    }
    Labels labels =
        Labels.of(
            "interface",
            LabelText.of(interfaceName),
            "public_key",
            publicKey,
            "allowed_ips",
            allowedIps(peer.allowedIps()),
            "friendly_name",
            name);
    add(MetricFamily.EXPORTER_SENT, labels, peer.txBytes());
    add(MetricFamily.EXPORTER_RECEIVED, labels, peer.rxBytes());
    add(
        MetricFamily.EXPORTER_HANDSHAKE,
        labels,
        peer.lastHandshake().map(at -> at.toEpochMilli() / 1000).orElse(0L));
  }

  /** As many as a label holds; a peer may have 100,000. */
  private static String allowedIps(List<IpPrefix> prefixes) {
    StringBuilder text = new StringBuilder();
    for (IpPrefix prefix : prefixes) {
      if (text.length() > LabelText.MAX_LENGTH) {
        break;
      }
      text.append(text.isEmpty() ? "" : ",").append(prefix);
    }
    return LabelText.of(text.toString());
  }

  private void rustAgent(NetworkStatus network, NetworkHealth health) {
    Labels labels = Labels.of("network", LabelText.of(network.name()));
    add(MetricFamily.RUST_STATE, labels, rustState(network.state(), health.verdict()));
    add(MetricFamily.RUST_SENT, labels, network.device().map(Scrape::sentBytes).orElse(0L));
    add(MetricFamily.RUST_RECEIVED, labels, network.device().map(Scrape::receivedBytes).orElse(0L));
    add(MetricFamily.RUST_PEERS, labels, health.peers().size());
    add(
        MetricFamily.RUST_PEERS_ACTIVE,
        labels,
        health.peers().stream().filter(PeerHealth::active).count());
  }

  private static int rustState(TunnelState state, Verdict verdict) {
    return switch (state) {
      case UNINITIALIZED, STOPPING, STOPPED -> 0;
      case STARTING -> 1;
      case ERROR -> 4;
      case ACTIVE -> 2 + severity(verdict);
    };
  }

  // Values.

  static int severity(Verdict verdict) {
    return switch (verdict) {
      case HEALTHY -> 0;
      case DEGRADED -> 1;
      case FAILED -> 2;
    };
  }

  private static long sentBytes(DeviceSnapshot device) {
    return device.peers().stream().mapToLong(PeerSnapshot::txBytes).sum();
  }

  private static long receivedBytes(DeviceSnapshot device) {
    return device.peers().stream().mapToLong(PeerSnapshot::rxBytes).sum();
  }

  private void drops(MetricFamily family, Labels labels, Map<DropReason, Long> drops) {
    drops.forEach((reason, count) ->
        add(family, labels.add("reason", reason.name().toLowerCase(Locale.ROOT)), count));
  }

  /** Prometheus knows doubles only: exact up to 2^53, eight petabytes. */
  void add(MetricFamily family, Labels labels, long value) {
    add(family, labels, (double) value);
  }

  private void add(MetricFamily family, Labels labels, double value) {
    MetricFamily.Points points = families.get(family);
    if (points != null) {
      points.add(labels, value);
    }
  }
}
