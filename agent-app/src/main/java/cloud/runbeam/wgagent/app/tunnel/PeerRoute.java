package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.EndpointName;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where one peer is called: the choice among the addresses of its endpoints, in their order.
 *
 * <p>An address to which there is no route is passed over, and so is one that did not answer within
 * the last {@value #HOLD_OFF_SECONDS} s: a peer that moved on to its second endpoint stays there as
 * long as that answers, instead of going to and fro. Where nothing better is left, the one that
 * failed longest ago is tried again. Under the network's lock.
 */
final class PeerRoute {
  static final long HOLD_OFF_SECONDS = 60;

  private static final long HOLD_OFF_NS = HOLD_OFF_SECONDS * 1_000_000_000L;

  private final PeerConfig peer;
  private final Map<String, NameLookup> lookups;
  private final Map<Endpoint, Long> failedNs = new HashMap<>();
  private @Nullable Endpoint chosen;
  private @Nullable String path;

  PeerRoute(PeerConfig peer, Map<String, NameLookup> lookups) {
    this.peer = peer;
    this.lookups = lookups;
  }

  /** The same for other settings of a peer whose endpoints stay. */
  PeerRoute of(PeerConfig next, Map<String, NameLookup> nextLookups) {
    PeerRoute same = new PeerRoute(next, nextLookups);
    same.failedNs.putAll(failedNs);
    same.chosen = chosen;
    same.path = path;
    return same;
  }

  PeerConfig peer() {
    return peer;
  }

  boolean isWayKnown() {
    return path != null;
  }

  /** Remembers which way packets take to the peer; whether that is another one than before. */
  boolean takes(String way) {
    boolean changed = !way.equals(path);
    path = way;
    return changed;
  }

  /** Whether the endpoint in use failed lately. */
  boolean isFailing() {
    return chosen != null && failedNs.containsKey(chosen);
  }

  /** Where it is called now. */
  Optional<Endpoint> chosen() {
    return Optional.ofNullable(chosen);
  }

  /** Chooses; what was chosen before has no privilege but that it did not fail. */
  Optional<Endpoint> choose(Predicate<Endpoint> hasRoute, long nowNs) {
    failedNs.values().removeIf(sinceNs -> nowNs - sinceNs >= HOLD_OFF_NS);
    List<Endpoint> candidates = candidates();
    Endpoint best = null;
    for (Endpoint candidate : candidates) {
      if (hasRoute.test(candidate) && isBetter(candidate, best)) {
        best = candidate;
      }
    }
    if (best == null && !candidates.isEmpty()) {
      best = candidates.getFirst();
    }
    if (best != null && !best.equals(chosen)) {
      path = null;
    }
    chosen = best;
    return chosen();
  }

  /** The earlier one in the list, unless it failed later. */
  private boolean isBetter(Endpoint candidate, @Nullable Endpoint best) {
    if (best == null) {
      return true;
    }
    Long ours = failedNs.get(candidate);
    Long others = failedNs.get(best);
    return others != null && (ours == null || ours - others < 0);
  }

  /** Nobody answered at {@code endpoint}. */
  void failed(Endpoint endpoint, long nowNs) {
    failedNs.put(endpoint.withoutSource(), nowNs);
    names().forEach(NameLookup::want);
  }

  /** Former failures say nothing about the network of now. */
  void forgetFailures() {
    failedNs.clear();
  }

  /** Why it cannot be called: no name of its endpoints could be resolved yet. */
  Optional<String> problem() {
    if (chosen != null) {
      return Optional.empty();
    }
    List<String> problems =
        names().stream().map(NameLookup::problem).flatMap(Optional::stream).toList();
    return problems.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.join(", ", new LinkedHashSet<>(problems))
                + ", the endpoint of peer "
                + peer.name()
                + ": check the name and the system's DNS, or use an address; asked again until it"
                + " works");
  }

  private List<NameLookup> names() {
    return peer.endpoints().stream()
        .map(endpoint -> lookups.get(endpoint.host()))
        .filter(Objects::nonNull)
        .toList();
  }

  private List<Endpoint> candidates() {
    Set<Endpoint> candidates = new LinkedHashSet<>();
    for (EndpointName name : peer.endpoints()) {
      NameLookup lookup = lookups.get(name.host());
      if (lookup != null) {
        for (InetAddress address : lookup.addresses()) {
          candidates.add(endpoint(address, name.port()));
        }
      }
    }
    return new ArrayList<>(candidates);
  }

  private static Endpoint endpoint(InetAddress address, int port) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    if (address instanceof Inet6Address ipv6) {
      return Endpoint.ipv6(bytes.getLong(), bytes.getLong(), port, ipv6.getScopeId());
    }
    return Endpoint.ipv4(bytes.getInt(), port);
  }
}
