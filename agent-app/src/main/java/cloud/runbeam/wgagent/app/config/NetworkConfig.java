package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.OptionalInt;

/**
 * One {@code [network.NAME]}.
 *
 * @param name 1 to 63 characters
 * @param enabled whether it is started with the agent
 * @param interfaceName 1 to 15 characters
 * @param addresses with the prefix length of the connected subnet, host bits kept
 * @param mtuBytes empty for automatic
 * @param listenPort 0 for any
 * @param privateKey where the private key comes from
 * @param dns servers to use inside the tunnel
 * @param dnsSearch domains that go to these servers
 * @param routes whether routes are made from the peers' allowed IPs
 * @param table routing table number; empty for automatic: the main table, and for {@code /0} one of
 *     the agent's own with rules
 * @param fwmark mark on outer packets; 0 for none, or one that the agent chooses where it needs one
 * @param killSwitch whether nothing may leave this machine outside the tunnel
 * @param allowLan whether the local network stays reachable despite the kill switch
 * @param peers in the order of the file
 * @param position where the table begins
 */
public record NetworkConfig(
    String name,
    boolean enabled,
    String interfaceName,
    List<IpPrefix> addresses,
    OptionalInt mtuBytes,
    int listenPort,
    KeySource privateKey,
    List<String> dns,
    List<String> dnsSearch,
    boolean routes,
    OptionalInt table,
    int fwmark,
    boolean killSwitch,
    boolean allowLan,
    List<PeerConfig> peers,
    Position position) {

  /** Copies the lists. */
  public NetworkConfig {
    addresses = List.copyOf(addresses);
    dns = List.copyOf(dns);
    dnsSearch = List.copyOf(dnsSearch);
    peers = List.copyOf(peers);
  }

  /** The same network with other peers. */
  public NetworkConfig withPeers(List<PeerConfig> otherPeers) {
    return new NetworkConfig(
        name,
        enabled,
        interfaceName,
        addresses,
        mtuBytes,
        listenPort,
        privateKey,
        dns,
        dnsSearch,
        routes,
        table,
        fwmark,
        killSwitch,
        allowLan,
        otherPeers,
        position);
  }
}
