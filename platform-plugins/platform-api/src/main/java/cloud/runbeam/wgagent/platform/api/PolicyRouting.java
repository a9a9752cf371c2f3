package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;

/**
 * Rules that choose a routing table, and what a default route through a tunnel needs besides. Any
 * thread; calls block briefly.
 */
public interface PolicyRouting {
  /** A system without routing by rules. */
  PolicyRouting NONE = new AbsentPolicyRouting();

  /**
   * The rules of this machine, both families, in the order in which they are asked; those of a
   * family that the machine lacks are left out.
   */
  List<Rule> rules() throws PlatformException;

  /** Adds a rule; the very same rule that is there already is left as it is. */
  void addRule(Rule rule) throws PlatformException;

  /** Removes a rule that is equal in everything; one that is not there is no error. */
  void removeRule(Rule rule) throws PlatformException;

  /** Whether the table holds any route. */
  boolean hasRoutes(int table) throws PlatformException;

  /**
   * Whether packets of this family can leave this machine at all: there is an address of that
   * family, link-local ones included, on some interface other than loopback and {@code
   * exceptInterface}.
   */
  boolean isInUse(boolean ipv6, String exceptInterface) throws PlatformException;

  /**
   * Whether the check of source addresses takes marks into account, on Linux {@code
   * net.ipv4.conf.all.src_valid_mark}.
   */
  boolean checksSourcesByMark() throws PlatformException;

  /** Sets what {@link #checksSourcesByMark} reads. */
  void setChecksSourcesByMark(boolean on) throws PlatformException;

  /**
   * Lets answers to marked packets carry the mark too, so that the strict check of source addresses
   * finds them right, and drops packets for the tunnel's addresses that come in elsewhere. Replaces
   * what was set for the interface before.
   *
   * @param interfaceName the tunnel
   * @param mark mark of outer packets, not 0
   * @param addresses the tunnel's own
   */
  void guardReplies(String interfaceName, int mark, List<IpPrefix> addresses)
      throws PlatformException;

  /** Takes {@link #guardReplies} back; nothing there is no error. */
  void unguardReplies(String interfaceName) throws PlatformException;

  /**
   * One rule: packets that carry the mark, or that do not, are looked up in a table.
   *
   * @param ipv6 the family
   * @param priority 0 to 2^32-1 as an unsigned int; smaller is asked earlier
   * @param inverted whether packets are meant that do <em>not</em> match
   * @param mark the mark to compare with, 0 with {@code mask} 0 for all packets
   * @param mask the bits of the mark that are compared
   * @param table the table that is asked
   * @param suppressPrefixLength results with a prefix of this length or shorter do not count; -1:
   *     all count
   */
  record Rule(
      boolean ipv6,
      int priority,
      boolean inverted,
      int mark,
      int mask,
      int table,
      int suppressPrefixLength) {

    /** Everything without the mark goes to the table. */
    public static Rule unmarkedTo(int table, int mark, boolean ipv6, int priority) {
      return new Rule(ipv6, priority, true, mark, -1, table, -1);
    }

    /** The main table is asked, but its default route does not count. */
    public static Rule mainButDefault(boolean ipv6, int priority) {
      return new Rule(ipv6, priority, false, 0, 0, RouteTable.MAIN, 0);
    }

    /** As {@code ip rule show} writes it. */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(ipv6 ? "ipv6 rule " : "ipv4 rule ");
      text.append(Integer.toUnsignedLong(priority)).append(':');
      if (inverted) {
        text.append(" not");
      }
      text.append(" from all");
      if (mask != 0) {
        text.append(" fwmark 0x").append(Integer.toHexString(mark));
      }
      text.append(" lookup ").append(Integer.toUnsignedLong(table));
      if (suppressPrefixLength >= 0) {
        text.append(" suppress_prefixlength ").append(suppressPrefixLength);
      }
      return text.toString();
    }
  }
}
