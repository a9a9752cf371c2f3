package cloud.runbeam.wgagent.platform.linux.firewall;

import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The kill switch as one nftables table whose two chains drop what they do not accept. A packet
 * that another table accepts is still dropped here: accepting ends one base chain, dropping ends
 * the packet (nft(8), verdict statements).
 *
 * <p>What is accepted going out:
 *
 * <pre>
 *   loopback and the tunnels' interfaces
 *   UDP that carries a tunnel's mark      only who holds CAP_NET_ADMIN can set one (socket(7))
 *   DHCP, DHCPv6                          from client to server port
 *   neighbour and router solicitation, advertisement (RFC 4861), MLDv2 reports (RFC 3810)
 *   with allowLan: private, link-local and local multicast destinations
 * </pre>
 *
 * <p>Forwarded is only what goes into a tunnel, answers to it, and with {@code allowLan} what goes
 * to the same destinations. Any thread.
 */
public final class NftKillSwitch implements KillSwitch {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,62}");
  private static final Pattern OUTPUT_DROPS =
      Pattern.compile("type filter hook output priority [^;]+; policy drop;");
  private static final Pattern FORWARD_DROPS =
      Pattern.compile("type filter hook forward priority [^;]+; policy drop;");

  /** RFC 1918, RFC 3927, RFC 5771 local network control and mDNS/SSDP, limited broadcast. */
  private static final String LAN_IPV4 =
      "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, 224.0.0.0/24, 239.255.0.0/16,"
          + " 255.255.255.255";

  /** RFC 4193, RFC 4291 section 2.5.6, RFC 4291 section 2.7 link-local scope. */
  private static final String LAN_IPV6 = "fc00::/7, fe80::/10, ff02::/16";

  private final Nft nft;

  /** What nft printed right after each table was made; whatever differs later, somebody changed. */
  private final Map<String, String> raised = new ConcurrentHashMap<>();

  /** Holds nothing open. */
  public NftKillSwitch() {
    this(new Nft());
  }

  NftKillSwitch(Nft nft) {
    this.nft = nft;
  }

  @Override
  public void enforce(String name, List<Tunnel> tunnels) throws PlatformException {
    requireName(name);
    nft.apply("cannot raise the kill switch", script(name, tunnels));
    nft.table("cannot read the kill switch back", name)
        .ifPresent(text -> raised.put(key(name, tunnels), text));
  }

  @Override
  public void lift(String name) throws PlatformException {
    requireName(name);
    raised.keySet().removeIf(key -> key.startsWith(name + " "));
    if (stands(name)) {
      // Adding first makes it no error if somebody else was faster.
      nft.apply(
          "cannot lift the kill switch",
          "add table inet " + name + "\ndelete table inet " + name + "\n");
    }
  }

  @Override
  public boolean stands(String name) throws PlatformException {
    requireName(name);
    return nft.table("cannot look for the kill switch", name).isPresent();
  }

  @Override
  public Optional<String> leak(String name, List<Tunnel> tunnels) throws PlatformException {
    requireName(name);
    Optional<String> found = nft.table("cannot check the kill switch", name);
    if (found.isEmpty()) {
      return Optional.of(
          "table inet " + name + " is gone: somebody has removed it; connect the network again");
    }
    String text = found.get();
    if (!OUTPUT_DROPS.matcher(text).find() || !FORWARD_DROPS.matcher(text).find()) {
      return Optional.of("table inet " + name + " does not drop: connect the network again");
    }
    String before = raised.get(key(name, tunnels));
    if (before == null) {
      return Optional.of(
          "table inet " + name + " drops, but is of an agent before this one: connect the network");
    }
    return before.equals(text)
        ? Optional.empty()
        : Optional.of(
            "table inet " + name + " was changed by somebody else: connect the network again");
  }

  private static String key(String name, List<Tunnel> tunnels) {
    return name + " " + tunnels;
  }

  /** The script that makes the table anew in one transaction. */
  static String script(String name, List<Tunnel> tunnels) {
    if (tunnels.isEmpty()) {
      throw new IllegalArgumentException("a kill switch without a tunnel");
    }
    boolean allowLan = tunnels.stream().allMatch(Tunnel::allowLan);
    List<String> lan =
        allowLan
            ? List.of(
                "ip daddr { " + LAN_IPV4 + " } accept", "ip6 daddr { " + LAN_IPV6 + " } accept")
            : List.of();
    StringBuilder script = new StringBuilder();
    script.append("add table inet ").append(name).append('\n');
    script.append("delete table inet ").append(name).append('\n');
    script.append("table inet ").append(name).append(" {\n");
    chain(script, "output", outgoing(tunnels, lan));
    chain(script, "forward", forwarded(tunnels, lan));
    return script.append("}\n").toString();
  }

  private static List<String> outgoing(List<Tunnel> tunnels, List<String> lan) {
    List<String> rules = new ArrayList<>();
    rules.add("oifname \"lo\" accept");
    for (Tunnel tunnel : tunnels) {
      rules.add("oifname " + FirewallNames.quoted(tunnel.interfaceName()) + " accept");
    }
    for (Tunnel tunnel : tunnels) {
      if (tunnel.mark() == 0) {
        throw new IllegalArgumentException("mark 0 would let everything through");
      }
      rules.add("meta l4proto udp meta mark 0x" + Integer.toHexString(tunnel.mark()) + " accept");
    }
    rules.add("meta nfproto ipv4 udp sport 68 udp dport 67 accept");
    rules.add("meta nfproto ipv6 udp sport 546 udp dport 547 accept");
    rules.add(
        "ip6 hoplimit 255 icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert"
            + " } accept");
    rules.add("ip6 daddr ff02::16 icmpv6 type mld2-listener-report accept");
    rules.addAll(lan);
    return rules;
  }

  private static List<String> forwarded(List<Tunnel> tunnels, List<String> lan) {
    List<String> rules = new ArrayList<>();
    for (Tunnel tunnel : tunnels) {
      String name = FirewallNames.quoted(tunnel.interfaceName());
      rules.add("oifname " + name + " accept");
      rules.add("iifname " + name + " ct state established,related accept");
    }
    rules.addAll(lan);
    return rules;
  }

  private static void chain(StringBuilder script, String hook, List<String> rules) {
    script.append("  chain ").append(hook).append(" {\n");
    script.append("    type filter hook ").append(hook).append(" priority 0; policy drop;\n");
    rules.forEach(rule -> script.append("    ").append(rule).append('\n'));
    script.append("  }\n");
  }

  private static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not the name of a kill switch");
    }
  }
}
