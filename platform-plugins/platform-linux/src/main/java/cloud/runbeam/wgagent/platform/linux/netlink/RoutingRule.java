package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One rule of policy routing (linux/fib_rules.h), as far as it can be judged for a packet made
 * here.
 *
 * @param priority its place
 * @param inverted whether it is for packets that do <em>not</em> match
 * @param to destinations it is for; empty for all
 * @param mark the mark it is for
 * @param mask the bits of the mark that count; 0 for any mark
 * @param narrower whether it has conditions that are not judged here: source, interfaces, users
 * @param action {@code FR_ACT_...}
 * @param table the table it leads to, if it does
 * @param suppressedLength routes of prefixes no longer than this are passed over; -1 for none
 */
record RoutingRule(
    int priority,
    boolean inverted,
    Optional<IpPrefix> to,
    int mark,
    int mask,
    boolean narrower,
    int action,
    int table,
    int suppressedLength) {
  // struct fib_rule_hdr: family 8, destination length 8, source length 8, tos 8, table 8,
  // reserved 8 + 8, action 8, flags 32.
  private static final int DESTINATION_LENGTH = 1;
  private static final int SOURCE_LENGTH = 2;
  private static final int TOS = 3;
  private static final int TABLE = 4;
  private static final int FRA_DST = 1;
  private static final int FRA_IIFNAME = 3;
  private static final int FRA_OIFNAME = 17;
  private static final int FRA_UID_RANGE = 20;
  private static final int FRA_IP_PROTO = 22;

  /** The rule that an {@code RTM_NEWRULE} tells of. */
  static RoutingRule of(NetlinkMessage message) {
    int length = message.byteAt(DESTINATION_LENGTH);
    OptionalInt mark = message.intAttribute(Rtnetlink.RULE_BYTES, Rtnetlink.FRA_FWMARK);
    boolean narrower =
        message.byteAt(SOURCE_LENGTH) != 0
            || message.byteAt(TOS) != 0
            || message.attribute(Rtnetlink.RULE_BYTES, FRA_IIFNAME).isPresent()
            || message.attribute(Rtnetlink.RULE_BYTES, FRA_OIFNAME).isPresent()
            || message.attribute(Rtnetlink.RULE_BYTES, FRA_UID_RANGE).isPresent()
            || message.attribute(Rtnetlink.RULE_BYTES, FRA_IP_PROTO).isPresent();
    return new RoutingRule(
        message.intAttribute(Rtnetlink.RULE_BYTES, Rtnetlink.FRA_PRIORITY).orElse(0),
        (message.intAt(Rtnetlink.RULE_FLAGS) & Rtnetlink.FIB_RULE_INVERT) != 0,
        message
            .attribute(Rtnetlink.RULE_BYTES, FRA_DST)
            .flatMap(bytes -> AddressBytes.prefix(message.byteAt(0), bytes, length)),
        mark.orElse(0),
        mark.isPresent()
            ? message.intAttribute(Rtnetlink.RULE_BYTES, Rtnetlink.FRA_FWMASK).orElse(-1)
            : 0,
        narrower,
        message.byteAt(Rtnetlink.RULE_ACTION),
        message
            .intAttribute(Rtnetlink.RULE_BYTES, Rtnetlink.FRA_TABLE)
            .orElse(message.byteAt(TABLE)),
        message.intAttribute(Rtnetlink.RULE_BYTES, Rtnetlink.FRA_SUPPRESS_PREFIXLEN).orElse(-1));
  }

  /**
   * Whether a route of {@code length} bits in {@code foundTable} may have been found by this rule.
   */
  boolean leadsTo(IpPrefix address, int packetMark, int foundTable, int length) {
    if (narrower
        || action != Rtnetlink.FR_ACT_TO_TBL
        || table != foundTable
        || length <= suppressedLength) {
      return false;
    }
    boolean matches =
        (packetMark & mask) == (mark & mask)
            && to.map(prefix -> contains(prefix, address)).orElse(true);
    return matches != inverted;
  }

  private static boolean contains(IpPrefix prefix, IpPrefix address) {
    return prefix.ipv6() == address.ipv6()
        && new IpPrefix(address.ipv6(), address.high(), address.low(), prefix.length())
            .network()
            .equals(prefix.network());
  }

  /** As {@code ip rule} prints it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(priority).append(':');
    text.append(inverted ? " not from all" : " from all");
    to.ifPresent(prefix -> text.append(" to ").append(prefix));
    if (mask != 0) {
      text.append(" fwmark 0x").append(Integer.toHexString(mark));
      if (mask != -1) {
        text.append("/0x").append(Integer.toHexString(mask));
      }
    }
    text.append(" lookup ").append(tableName(table));
    if (suppressedLength >= 0) {
      text.append(" suppress_prefixlength ").append(suppressedLength);
    }
    return text.toString();
  }

  private static String tableName(int table) {
    return switch (table) {
      case 253 -> "default";
      case 254 -> "main";
      case 255 -> "local";
      default -> Integer.toUnsignedString(table);
    };
  }
}
