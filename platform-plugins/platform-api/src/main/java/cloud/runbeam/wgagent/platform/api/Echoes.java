package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.time.Duration;

/**
 * ICMP and ICMPv6 echo through one interface. Any thread; a call blocks for its timeout at most.
 */
@FunctionalInterface
public interface Echoes {
  /** A system that cannot ask. */
  Echoes NONE =
      (interfaceName, address, packetBytes, timeout) -> {
        throw new PlatformException(
            "cannot probe " + address.addressText(),
            "this platform has no echo",
            "leave probe out of the peer");
      };

  /**
   * Asks once and waits for the answer.
   *
   * @param interfaceName the only interface that the request may leave by
   * @param address who is asked; its prefix length is of no account
   * @param packetBytes length of the whole IP packet, which is never fragmented on its way; at
   *     least 64
   * @param timeout how long to wait
   * @throws PlatformException when this process may not ask, or there is no such interface
   */
  Reply ask(String interfaceName, IpPrefix address, int packetBytes, Duration timeout)
      throws PlatformException;

  /**
   * What came of it.
   *
   * @param outcome in one word
   * @param roundTrip from sending to the answer; zero without one
   */
  record Reply(Outcome outcome, Duration roundTrip) {
    /** No answer. */
    public static Reply without(Outcome outcome) {
      return new Reply(outcome, Duration.ZERO);
    }
  }

  /** In one word. */
  enum Outcome {
    /** The answer came. */
    ANSWERED,
    /** No answer in time. */
    LOST,
    /** The packet is longer than the interface takes. */
    TOO_LARGE,
    /** The system, or somebody on the way, says that the address cannot be reached. */
    UNREACHABLE
  }
}
