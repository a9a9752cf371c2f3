package cloud.runbeam.wgagent.app.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One round of echo requests: ICMP and UDP over each family in use.
 *
 * @param icmpIpv4 round trip, empty without an answer
 * @param udpIpv4 round trip, empty without an answer
 * @param missing which requests got no answer, in words
 */
record EchoRound(Optional<Duration> icmpIpv4, Optional<Duration> udpIpv4, List<String> missing) {
  /** Copies the list. */
  EchoRound {
    missing = List.copyOf(missing);
  }

  /** Asks over every family, each request with {@code timeout} of its own. */
  static EchoRound run(EchoProbe probe, List<DemoAddresses> families, Duration timeout) {
    Optional<Duration> icmpIpv4 = Optional.empty();
    Optional<Duration> udpIpv4 = Optional.empty();
    List<String> missing = new ArrayList<>();
    for (DemoAddresses addresses : families) {
      Optional<Duration> icmp = probe.icmpEcho(addresses, timeout);
      Optional<Duration> udp = probe.udpEcho(addresses, timeout);
      String family = addresses.near().ipv6() ? "IPv6" : "IPv4";
      if (icmp.isEmpty()) {
        missing.add("ICMP echo over " + family);
      }
      if (udp.isEmpty()) {
        missing.add("UDP echo over " + family);
      }
      if (!addresses.near().ipv6()) {
        icmpIpv4 = icmp;
        udpIpv4 = udp;
      }
    }
    return new EchoRound(icmpIpv4, udpIpv4, missing);
  }

  /** Whether every request was answered. */
  boolean complete() {
    return missing.isEmpty();
  }
}
