package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.EndpointName;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Where the peers of one network are called, and the names that have to be asked for.
 *
 * <p>Names are asked for on the lookup threads, a few at a time; nothing here waits for an answer
 * except {@link #awaitAnswers}, and that not for long. Under the network's lock, but for {@link
 * #problems}.
 */
final class PeerEndpoints {
  /** So that a network of many names does not take all lookup threads for itself. */
  private static final int MOST_QUESTIONS = 4;

  private final TunnelPorts ports;
  private final Map<String, NameLookup> lookups = new HashMap<>();
  private final Map<PublicKey, PeerRoute> routes = new LinkedHashMap<>();
  private int mark;
  private volatile Map<PublicKey, String> problems = Map.of();

  /** Those of the peers of {@code config}; nothing is asked yet. */
  PeerEndpoints(NetworkConfig config, TunnelPorts ports) {
    this(config, ports, null);
  }

  private PeerEndpoints(NetworkConfig config, TunnelPorts ports, @Nullable PeerEndpoints before) {
    this.ports = ports;
    this.mark = before == null ? 0 : before.mark;
    for (PeerConfig peer : config.peers()) {
      if (peer.endpoints().isEmpty()) {
        continue;
      }
      for (EndpointName endpoint : peer.endpoints()) {
        String host = endpoint.host();
        NameLookup known = before == null ? null : before.lookups.get(host);
        lookups.putIfAbsent(host, known == null ? new NameLookup(host) : known);
      }
      PeerRoute known = before == null ? null : before.routes.get(peer.publicKey());
      routes.put(
          peer.publicKey(),
          known != null && known.peer().endpoints().equals(peer.endpoints())
              ? known.of(peer, lookups)
              : new PeerRoute(peer, lookups));
    }
  }

  /** For other settings of the same network; what is known of peers that stay is kept. */
  PeerEndpoints of(NetworkConfig next) {
    return new PeerEndpoints(next, ports, this);
  }

  /** The mark that outer packets carry: rules may send them another way. */
  void setMark(int outerMark) {
    mark = outerMark;
  }

  /** The route of a peer that has endpoints. */
  Optional<PeerRoute> route(PublicKey peer) {
    return Optional.ofNullable(routes.get(peer));
  }

  /** Peers that have endpoints. */
  Iterable<PeerRoute> routes() {
    return routes.values();
  }

  /** Peers that cannot be called, and why. Any thread. */
  Map<PublicKey, String> problems() {
    return problems;
  }

  /** Where all peers are called now, as far as that is known. */
  List<Endpoint> chosen() {
    return routes.values().stream().map(PeerRoute::chosen).flatMap(Optional::stream).toList();
  }

  /** Asks for names that were never asked for, and waits for answers, but not long. */
  void awaitAnswers(long nowNs, Duration atMost) {
    ask(nowNs);
    boolean _ =
        ports
            .patience()
            .await(
                () -> {
                  collect(nowNs);
                  ask(nowNs);
                  return lookups.values().stream().noneMatch(NameLookup::isUndecided);
                },
                atMost);
  }

  /** Asks for what is due. */
  void ask(long nowNs) {
    long asking = lookups.values().stream().filter(NameLookup::isAsking).count();
    for (NameLookup lookup : lookups.values()) {
      if (asking >= MOST_QUESTIONS) {
        return;
      }
      if (lookup.isDue(nowNs)) {
        lookup.begin(ports.resolver(), ports.lookups());
        asking++;
      }
    }
  }

  /** Takes answers in; whether there were any. */
  boolean collect(long nowNs) {
    boolean any = false;
    for (NameLookup lookup : lookups.values()) {
      any |= lookup.collect(nowNs);
    }
    return any;
  }

  /** The network changed: old failures say nothing any more. */
  void forgetFailures() {
    routes.values().forEach(PeerRoute::forgetFailures);
    lookups.values().stream()
        .filter(lookup -> lookup.problem().isPresent())
        .forEach(NameLookup::wantAtOnce);
  }

  Optional<Endpoint> choose(PeerRoute route, long nowNs) {
    return route.choose(endpoint -> pathMtu(endpoint).isPresent(), nowNs);
  }

  /** Makes what is known now visible to {@link #problems}; which peers have a new problem. */
  List<PeerRoute> publishProblems() {
    Map<PublicKey, String> before = problems;
    Map<PublicKey, String> now = new LinkedHashMap<>();
    routes.forEach((peer, route) -> route.problem().ifPresent(text -> now.put(peer, text)));
    problems = now;
    return routes.values().stream()
        .filter(route ->
            now.containsKey(route.peer().publicKey())
                && !before.containsKey(route.peer().publicKey()))
        .toList();
  }

  /** MTU of the route to {@code endpoint}, empty where there is none or the system does not say. */
  OptionalInt pathMtu(Endpoint endpoint) {
    try {
      return ports.platform().routes().pathMtu(endpoint, mark);
    } catch (PlatformException _) {
      return OptionalInt.empty();
    }
  }

  /** Which way packets to {@code endpoint} take; empty where the system does not say. */
  Optional<String> way(Endpoint endpoint) {
    IpPrefix address =
        endpoint.isIpv4()
            ? IpPrefix.ipv4((int) endpoint.addressLow(), 32)
            : IpPrefix.ipv6(endpoint.addressHigh(), endpoint.addressLow(), 128);
    try {
      HostFacts.RouteFact route = ports.platform().facts().route(address, mark);
      return route.verdict() == HostFacts.Verdict.UNKNOWN
          ? Optional.empty()
          : Optional.of(
              String.join(
                  " ",
                  route.verdict().name(),
                  route.device().orElse("-"),
                  route.gateway().orElse("-"),
                  route.source().orElse("-")));
    } catch (PlatformException _) {
      return Optional.empty();
    }
  }
}
