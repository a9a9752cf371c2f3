package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the system would do with a packet, asked for, never guessed. Nothing is changed. Any thread;
 * calls take up to some tens of milliseconds and happen in the network namespace of the caller.
 */
public interface HostFacts {
  /** Knows nothing. */
  HostFacts NONE = new NoHostFacts();

  /**
   * The route that a locally made packet takes.
   *
   * @param address the destination; its prefix length is of no account
   * @param fwmark the mark on the packet, 0 for none
   */
  RouteFact route(IpPrefix address, int fwmark) throws PlatformException;

  /** The interface of that name, if there is one. */
  Optional<LinkFact> link(String interfaceName) throws PlatformException;

  /** What the packet filter has that may stop packets out of this machine. */
  FirewallFact firewall();

  /** The servers asked for names, as the system's files say. */
  List<String> nameServers();

  /**
   * A route.
   *
   * @param verdict what happens to the packet
   * @param device interface that it leaves by, where it leaves
   * @param table number of the table that the route stands in, where known
   * @param matched the prefix of the route, where known
   * @param gateway the next hop, for a destination that is not on the link
   * @param source the address that the packet would carry
   * @param mtuBytes the route's own MTU, where it has one
   * @param rule the rule that led to the table, as {@code ip rule} prints it, where known
   */
  record RouteFact(
      Verdict verdict,
      Optional<String> device,
      OptionalInt table,
      Optional<IpPrefix> matched,
      Optional<String> gateway,
      Optional<String> source,
      OptionalInt mtuBytes,
      Optional<String> rule) {
    /** No route and nothing else to tell. */
    public static RouteFact of(Verdict verdict) {
      return new RouteFact(
          verdict,
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty());
    }
  }

  /** What routing does with a packet. */
  enum Verdict {
    /** It leaves by an interface. */
    UNICAST,
    /** It is for this machine. */
    LOCAL,
    /** It is for many. */
    BROADCAST,
    /** No route. */
    UNREACHABLE,
    /** A route or rule forbids it. */
    PROHIBITED,
    /** A route or rule swallows it. */
    BLACKHOLE,
    /** The system cannot say. */
    UNKNOWN
  }

  /**
   * An interface.
   *
   * @param name its name
   * @param up whether its administrator set it up
   * @param carrier whether the system sends on it
   * @param mtuBytes its MTU
   * @param addresses without link-local ones
   */
  record LinkFact(
      String name, boolean up, boolean carrier, int mtuBytes, List<IpPrefix> addresses) {
    /** Copies the list. */
    public LinkFact {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * The packet filter.
   *
   * @param known whether it could be read
   * @param killSwitch whether a kill switch of wg-agent stands
   * @param dropping places outside of wg-agent's own tables that may drop or reject outgoing
   *     packets: family, table and chain, with the policy or rule in short
   * @param problem why it could not be read, with what to do
   */
  record FirewallFact(
      boolean known, boolean killSwitch, List<String> dropping, Optional<String> problem) {
    /** Copies the list. */
    public FirewallFact {
      dropping = List.copyOf(dropping);
    }

    /** It could not be read. */
    public static FirewallFact unknown(String problem) {
      return new FirewallFact(false, false, List.of(), Optional.of(problem));
    }
  }
}
