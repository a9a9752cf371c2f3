package cloud.runbeam.wgagent.app.demo;

import java.time.Duration;
import java.util.Optional;

/** Sends one echo request through the tunnel and waits for the answer. */
interface EchoProbe {
  /**
   * One ICMP or ICMPv6 echo request between the two addresses.
   *
   * @return the round trip, or empty when there was no answer in time
   */
  Optional<Duration> icmpEcho(DemoAddresses addresses, Duration timeout);

  /**
   * One datagram to the echo port of the far address; only an answer with the same content counts.
   *
   * @return the round trip, or empty when there was no answer in time
   */
  Optional<Duration> udpEcho(DemoAddresses addresses, Duration timeout);
}
