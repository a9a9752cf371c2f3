package cloud.runbeam.wgagent.platform.linux.firewall;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;

/**
 * What a default route through a tunnel needs of the firewall, after wg-quick(8), in one table for
 * each interface:
 *
 * <pre>
 *   going out   UDP with our mark: its connection remembers the mark
 *   coming in   UDP of such a connection: carries the mark again, so that the strict check of
 *               sources (rp_filter = 1 with src_valid_mark = 1) looks where the packet went out
 *               for an address of the tunnel, by another interface: dropped (CVE-2019-14899)
 * </pre>
 *
 * <p>Unlike wg-quick's, the rules leave the marks of everybody else's packets as they are. Any
 * thread.
 */
final class ReplyGuard {
  private final Nft nft;

  ReplyGuard(Nft nft) {
    this.nft = nft;
  }

  void raise(String interfaceName, int mark, List<IpPrefix> addresses) throws PlatformException {
    nft.apply(
        "cannot mark the answers to packets of "
            + interfaceName
            + " (needed only where rp_filter is 1)",
        script(interfaceName, mark, addresses));
  }

  void lower(String interfaceName) throws PlatformException {
    String table = FirewallNames.table(interfaceName);
    String attempt = "cannot remove firewall table " + table;
    if (nft.isInstalled() && nft.table(attempt, table).isPresent()) {
      nft.apply(attempt, "add table inet " + table + "\ndelete table inet " + table + "\n");
    }
  }

  static String script(String interfaceName, int mark, List<IpPrefix> addresses) {
    if (mark == 0) {
      throw new IllegalArgumentException("mark 0 is no mark");
    }
    String table = FirewallNames.table(interfaceName);
    String hexMark = "0x" + Integer.toHexString(mark);
    StringBuilder script = new StringBuilder();
    script.append("add table inet ").append(table).append('\n');
    script.append("delete table inet ").append(table).append('\n');
    script.append("table inet ").append(table).append(" {\n");
    script.append("  chain spoofed {\n");
    script.append("    type filter hook prerouting priority -300; policy accept;\n");
    for (IpPrefix address : addresses) {
      script
          .append("    iifname != ")
          .append(FirewallNames.quoted(interfaceName))
          .append(address.ipv6() ? " ip6 daddr " : " ip daddr ")
          .append(address.addressText())
          .append(" fib saddr type != local drop\n");
    }
    script.append("  }\n  chain incoming {\n");
    script.append("    type filter hook prerouting priority -150; policy accept;\n");
    script
        .append("    meta l4proto udp ct mark ")
        .append(hexMark)
        .append(" meta mark set ")
        .append(hexMark)
        .append('\n');
    script.append("  }\n  chain outgoing {\n");
    script.append("    type filter hook postrouting priority -150; policy accept;\n");
    script
        .append("    meta l4proto udp meta mark ")
        .append(hexMark)
        .append(" ct mark set ")
        .append(hexMark)
        .append('\n');
    return script.append("  }\n}\n").toString();
  }
}
