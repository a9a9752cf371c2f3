package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/** The MTU of a network whose configuration leaves it to us. */
final class AutomaticMtu {
  /**
   * IPv6 header, UDP header, transport header and tag: 40 + 8 + 32 bytes. Right for IPv4 outside
   * too, with 20 to spare.
   */
  private static final int OVERHEAD_BYTES = 80;

  /** Where no route to an endpoint is known: Ethernet's 1,500 less the overhead. */
  private static final int DEFAULT_BYTES = 1_420;

  /** RFC 8200 section 5. Below it, IPv6 inside the tunnel is impossible. */
  private static final int MIN_BYTES = 1_280;

  /** What it may grow to on links of more than jumbo frames, such as loopback. */
  private static final int MAX_BYTES = 34_736;

  private AutomaticMtu() {}

  /**
   * The smallest MTU of the routes to the endpoints, less the overhead: one size must fit all
   * peers.
   *
   * @param pathMtu MTU in bytes of the route to an endpoint, empty where there is none
   */
  static int of(List<Endpoint> endpoints, Function<Endpoint, OptionalInt> pathMtu) {
    int smallest = Integer.MAX_VALUE;
    for (Endpoint endpoint : endpoints) {
      smallest = Math.min(smallest, pathMtu.apply(endpoint).orElse(smallest));
    }
    return smallest == Integer.MAX_VALUE
        ? DEFAULT_BYTES
        : Math.clamp(smallest - OVERHEAD_BYTES, MIN_BYTES, MAX_BYTES);
  }
}
