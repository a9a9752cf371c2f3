package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.EndpointName;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Turns a peer's endpoints, which may be names, into the one address to begin with. */
final class EndpointChoice {
  private final NameResolver resolver;
  private final RouteTable routes;

  EndpointChoice(NameResolver resolver, RouteTable routes) {
    this.resolver = resolver;
    this.routes = routes;
  }

  /**
   * The first address that there is a route to, endpoints and their addresses taken in order; the
   * first of all where no route is known. Empty for a peer without endpoints.
   *
   * @throws TunnelException if none of the names can be resolved
   */
  Optional<Endpoint> choose(PeerConfig peer) throws TunnelException {
    List<Endpoint> found = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (EndpointName endpoint : peer.endpoints()) {
      try {
        for (InetAddress address : resolver.resolve(endpoint.host())) {
          Endpoint candidate = endpoint(address, endpoint.port());
          if (pathMtu(candidate).isPresent()) {
            return Optional.of(candidate);
          }
          found.add(candidate);
        }
      } catch (UnknownHostException _) {
        failures.add(endpoint.host());
      }
    }
    if (found.isEmpty() && !failures.isEmpty()) {
      throw new TunnelException(
          TunnelException.Reason.CONFIG,
          "cannot resolve "
              + String.join(", ", failures)
              + ", the endpoint of peer "
              + peer.name()
              + ": check the name and the system's DNS, or use an address");
    }
    return found.stream().findFirst();
  }

  /** MTU of the route to {@code endpoint}, empty where there is none or the system does not say. */
  OptionalInt pathMtu(Endpoint endpoint) {
    try {
      return routes.pathMtu(endpoint);
    } catch (PlatformException _) {
      return OptionalInt.empty();
    }
  }

  private static Endpoint endpoint(InetAddress address, int port) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    if (address instanceof Inet6Address ipv6) {
      return Endpoint.ipv6(bytes.getLong(), bytes.getLong(), port, ipv6.getScopeId());
    }
    return Endpoint.ipv4(bytes.getInt(), port);
  }
}
