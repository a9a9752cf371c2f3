package cloud.runbeam.wgagent.app.why;

import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.HostFacts.RouteFact;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Allowed IPs, session and endpoint: whether WireGuard can send the packet on. */
final class PeerFindings {
  private final HostFacts facts;

  PeerFindings(HostFacts facts) {
    this.facts = facts;
  }

  /**
   * Length of the longest allowed prefix of the network that holds the address, -1 if none does.
   */
  static int matchLength(IpPrefix address, NetworkStatus status) {
    return allowedIps(status).stream()
        .filter(prefix -> contains(prefix, address))
        .mapToInt(IpPrefix::length)
        .max()
        .orElse(-1);
  }

  private static List<IpPrefix> allowedIps(NetworkStatus status) {
    return status
        .device()
        .map(device -> device.peers().stream().map(PeerSnapshot::allowedIps))
        .orElseGet(() -> status.config().peers().stream().map(PeerConfig::allowedIps))
        .flatMap(List::stream)
        .toList();
  }

  private static boolean contains(IpPrefix prefix, IpPrefix address) {
    return prefix.ipv6() == address.ipv6()
        && new IpPrefix(address.ipv6(), address.high(), address.low(), prefix.length())
            .network()
            .equals(prefix.network());
  }

  List<Finding> find(IpPrefix address, NetworkStatus status) {
    Optional<PeerSnapshot> peer = status.device().flatMap(device -> peerOf(address, device));
    return List.of(
        allowedIps(address, status, peer),
        peer.map(found -> session(status, found))
            .orElseGet(
                () -> Finding.unknown(ChainLink.SESSION, "no peer to have a session with", "")),
        peer.map(found -> endpointRoute(status, found))
            .orElseGet(() ->
                Finding.unknown(ChainLink.ENDPOINT_ROUTE, "no peer to have an endpoint", "")));
  }

  /** The peer that the engine's table would choose: longest prefix. */
  private static Optional<PeerSnapshot> peerOf(IpPrefix address, DeviceSnapshot device) {
    return device.peers().stream()
        .filter(peer -> longestMatch(address, peer).isPresent())
        .max(
            Comparator.comparingInt(
                peer -> longestMatch(address, peer).map(IpPrefix::length).orElse(-1)));
  }

  private static Optional<IpPrefix> longestMatch(IpPrefix address, PeerSnapshot peer) {
    return peer.allowedIps().stream()
        .filter(prefix -> contains(prefix, address))
        .max(Comparator.comparingInt(IpPrefix::length));
  }

  private static Finding allowedIps(
      IpPrefix address, NetworkStatus status, Optional<PeerSnapshot> peer) {
    String to = address.addressText();
    if (status.device().isEmpty()) {
      return matchLength(address, status) >= 0
          ? Finding.ok(ChainLink.ALLOWED_IPS, "a peer of the configuration allows " + to)
          : Finding.broken(
              ChainLink.ALLOWED_IPS,
              "no peer of network " + status.name() + " allows " + to,
              "add it to the allowed_ips of the peer that it is behind");
    }
    if (peer.isPresent()) {
      String prefix = longestMatch(address, peer.get()).map(IpPrefix::toString).orElse("");
      return Finding.ok(
          ChainLink.ALLOWED_IPS,
          "peer " + status.peerName(peer.get().publicKey()) + " allows " + prefix);
    }
    long lost = status.device().get().drops().getOrDefault(DropReason.NO_PEER_FOR_DESTINATION, 0L);
    return Finding.broken(
        ChainLink.ALLOWED_IPS,
        "no peer of network "
            + status.name()
            + " allows "
            + to
            + (lost > 0 ? ", " + lost + " packets were dropped for want of a peer" : ""),
        "add it to the allowed_ips of the peer that it is behind, then: wg-agent reload");
  }

  private static Finding session(NetworkStatus status, PeerSnapshot peer) {
    String name = status.peerName(peer.publicKey());
    String drops = drops(peer);
    if (peer.sessionEstablished()) {
      String silent =
          peer.quality()
              .silentFor()
              .map(silence -> ", last heard " + silence.toSeconds() + " s ago")
              .orElse("");
      return Finding.ok(ChainLink.SESSION, "a session with " + name + " stands" + silent + drops);
    }
    Optional<String> problem = status.endpointProblem(peer.publicKey());
    if (problem.isPresent()) {
      return Finding.broken(
          ChainLink.SESSION, "peer " + name + " has no endpoint to be called at", problem.get());
    }
    if (peer.endpoint().isEmpty()) {
      return Finding.broken(
          ChainLink.SESSION,
          "peer " + name + " has not called yet and has no endpoint to be called at" + drops,
          "give it an endpoint, or let it call us (persistent_keepalive_secs on its side)");
    }
    if (peer.handshakesInitiated() > 0) {
      return Finding.broken(
          ChainLink.SESSION,
          "peer "
              + name
              + " does not answer: "
              + peer.handshakesInitiated()
              + " handshakes sent, "
              + peer.handshakesCompleted()
              + " completed"
              + drops,
          "check that it runs at "
              + peer.endpoint().map(Endpoint::toString).orElse("")
              + ", that UDP reaches it, and that each side has the other's public key and the same"
              + " preshared key");
    }
    return Finding.unknown(
        ChainLink.SESSION,
        "no session with " + name + " yet: the first packet asks for one" + drops,
        "send one, then ask again");
  }

  private static String drops(PeerSnapshot peer) {
    String reasons =
        peer.drops().entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .sorted(Map.Entry.<DropReason, Long>comparingByValue().reversed())
            .limit(3)
            .map(entry -> entry.getValue() + " " + entry.getKey().name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return reasons.isEmpty() ? "" : "; packets lost: " + reasons;
  }

  private Finding endpointRoute(NetworkStatus status, PeerSnapshot peer) {
    if (peer.endpoint().isEmpty()) {
      return Finding.unknown(ChainLink.ENDPOINT_ROUTE, "the peer has no endpoint", "see session");
    }
    Endpoint endpoint = peer.endpoint().get();
    int fwmark = status.device().map(DeviceSnapshot::fwmark).orElse(0);
    RouteFact route;
    try {
      route = facts.route(addressOf(endpoint), fwmark);
    } catch (PlatformException refused) {
      return Finding.unknown(ChainLink.ENDPOINT_ROUTE, refused.action(), refused.advice());
    }
    String way = endpoint + ": " + RoutingFindings.describe(route);
    return switch (route.verdict()) {
      case UNICAST ->
          route.device().filter(status.interfaceName()::equals).isPresent()
              ? Finding.broken(
                  ChainLink.ENDPOINT_ROUTE,
                  way + ": the tunnel is routed into itself",
                  "take the endpoint out of allowed_ips, or let table be \"auto\" so that outer"
                      + " packets are told apart by their mark")
              : Finding.ok(ChainLink.ENDPOINT_ROUTE, way);
      case LOCAL, BROADCAST -> Finding.ok(ChainLink.ENDPOINT_ROUTE, way);
      case UNKNOWN -> Finding.unknown(ChainLink.ENDPOINT_ROUTE, way, "look with: ip route get");
      case UNREACHABLE, PROHIBITED, BLACKHOLE ->
          Finding.broken(
              ChainLink.ENDPOINT_ROUTE,
              way,
              "bring up the network that leads there (cable, Wi-Fi, default route)");
    };
  }

  private static IpPrefix addressOf(Endpoint endpoint) {
    return endpoint.isIpv4()
        ? IpPrefix.ipv4((int) endpoint.addressLow(), 32)
        : IpPrefix.ipv6(endpoint.addressHigh(), endpoint.addressLow(), 128);
  }
}
