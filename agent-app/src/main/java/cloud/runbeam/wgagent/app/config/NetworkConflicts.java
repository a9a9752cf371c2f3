package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds what two networks, or two peers of one network, both claim. Each problem stands at the
 * second place and names the first.
 */
final class NetworkConflicts {
  private final Findings findings;
  private final List<NetworkConfig> networks;

  NetworkConflicts(List<NetworkConfig> networks, Findings findings) {
    this.networks = networks;
    this.findings = findings;
  }

  void report() {
    interfaces();
    ports();
    addresses();
    for (NetworkConfig network : networks) {
      peers(network);
    }
    routes();
  }

  private void interfaces() {
    Map<String, NetworkConfig> owners = new HashMap<>();
    for (NetworkConfig network : networks) {
      NetworkConfig first = owners.putIfAbsent(network.interfaceName(), network);
      if (first != null) {
        report(
            network,
            "interface",
            ProblemReason.DUPLICATE_INTERFACE,
            network.interfaceName()
                + " is the interface of "
                + place(first, "interface")
                + " already",
            "give each network an interface of its own");
      }
    }
  }

  private void ports() {
    Map<Integer, NetworkConfig> owners = new HashMap<>();
    for (NetworkConfig network : networks) {
      if (network.listenPort() == 0) {
        continue;
      }
      NetworkConfig first = owners.putIfAbsent(network.listenPort(), network);
      if (first != null) {
        report(
            network,
            "listen_port",
            ProblemReason.DUPLICATE_PORT,
            network.listenPort() + " is the port of " + place(first, "listen_port") + " already",
            "give each network a port of its own, or leave it out for any");
      }
    }
  }

  /**
   * The same address, or the same subnet: the kernel could not tell which interface a packet
   * belongs to.
   */
  private void addresses() {
    Map<String, NetworkConfig> owners = new HashMap<>();
    Map<IpPrefix, NetworkConfig> subnets = new HashMap<>();
    for (NetworkConfig network : networks) {
      for (IpPrefix address : network.addresses()) {
        NetworkConfig owner = owners.putIfAbsent(address.addressText(), network);
        NetworkConfig neighbour = subnets.putIfAbsent(address.network(), network);
        if (owner != null) {
          overlap(network, address.addressText() + " is an address of " + place(owner, "address"));
        } else if (neighbour != null && neighbour != network) {
          overlap(
              network,
              address
                  + " lies in "
                  + address.network()
                  + ", the subnet of "
                  + place(neighbour, "address"));
        }
      }
    }
  }

  private void overlap(NetworkConfig network, String what) {
    report(
        network,
        "address",
        ProblemReason.OVERLAPPING_ADDRESS,
        what + " already",
        "give each network addresses of its own");
  }

  private void peers(NetworkConfig network) {
    Map<PublicKey, PeerConfig> keys = new HashMap<>();
    Map<String, PeerConfig> names = new HashMap<>();
    Map<IpPrefix, PeerConfig> prefixes = new HashMap<>();
    for (PeerConfig peer : network.peers()) {
      PeerConfig sameKey = keys.putIfAbsent(peer.publicKey(), peer);
      if (sameKey != null) {
        report(
            peer,
            "public_key",
            ProblemReason.DUPLICATE_PEER_KEY,
            "is the key of " + place(sameKey, "public_key") + " already",
            "join the two peers, or correct one of the keys");
        continue;
      }
      PeerConfig sameName = names.putIfAbsent(peer.name(), peer);
      if (sameName != null) {
        report(
            peer,
            "name",
            ProblemReason.DUPLICATE_PEER_NAME,
            "\"" + peer.name() + "\" is the name of " + place(sameName, "name") + " already",
            "give each peer of a network a name of its own");
      }
      for (IpPrefix prefix : peer.allowedIps()) {
        PeerConfig first = prefixes.putIfAbsent(prefix, peer);
        if (first != null) {
          report(
              peer,
              "allowed_ips",
              ProblemReason.OVERLAPPING_ALLOWED_IP,
              prefix + " belongs to " + place(first, "allowed_ips") + " already",
              "a prefix leads to one peer: remove it from one of the two");
        }
      }
    }
  }

  /** One routing table holds a prefix once; the network started later would silently win. */
  private void routes() {
    Map<Route, NetworkConfig> owners = new HashMap<>();
    for (NetworkConfig network : networks) {
      if (!network.routes()) {
        continue;
      }
      for (PeerConfig peer : network.peers()) {
        for (IpPrefix prefix : peer.allowedIps()) {
          NetworkConfig first =
              owners.putIfAbsent(new Route(network.table().orElse(0), prefix), network);
          if (first != null && first != network) {
            report(
                peer,
                "allowed_ips",
                ProblemReason.OVERLAPPING_ALLOWED_IP,
                prefix + " is routed to " + place(first, "peers") + " already",
                "remove it from one of the two, or set routes = \"off\" or another table in one");
          }
        }
      }
    }
  }

  private void report(
      NetworkConfig network, String key, ProblemReason reason, String what, String advice) {
    String path = path(network) + "." + key;
    findings.problem(findings.positionOf(path, network.position()), path, reason, what, advice);
  }

  private void report(
      PeerConfig peer, String key, ProblemReason reason, String what, String advice) {
    String path = peer.key() + "." + key;
    findings.problem(findings.positionOf(path, peer.position()), path, reason, what, advice);
  }

  private String place(NetworkConfig network, String key) {
    return place(path(network), key, network.position());
  }

  private String place(PeerConfig peer, String key) {
    return place(peer.key(), key, peer.position());
  }

  private String place(String section, String key, Position otherwise) {
    return section + " (line " + findings.positionOf(section + "." + key, otherwise).line() + ")";
  }

  private static String path(NetworkConfig network) {
    return "network." + network.name();
  }

  private record Route(int table, IpPrefix prefix) {}
}
