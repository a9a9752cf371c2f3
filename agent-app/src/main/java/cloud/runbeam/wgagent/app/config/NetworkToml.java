package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network as a configuration file says it: what {@link ConfigLoader} reads back to an equal
 * {@link NetworkConfig}, positions aside. Keys are named where they are kept, never written.
 */
public final class NetworkToml {
  private NetworkToml() {}

  /** A document with this one network; {@code comment} stands before it. */
  public static String write(NetworkConfig network, String comment) {
    return TomlWriter.write(comment, Map.of("network", Map.of(network.name(), table(network))));
  }

  /** The table {@code [network.NAME]}, for {@link TomlWriter}. */
  public static Map<String, Object> table(NetworkConfig network) {
    Map<String, Object> table = new LinkedHashMap<>();
    if (!network.enabled()) {
      table.put("enable_wireguard", false);
    }
    table.put("interface", network.interfaceName());
    put(table, "address", prefixes(network.addresses()));
    network.mtuBytes().ifPresent(bytes -> table.put("mtu", bytes));
    if (network.listenPort() != 0) {
      table.put("listen_port", network.listenPort());
    }
    source(table, "private_key", network.privateKey());
    put(table, "dns", network.dns());
    put(table, "dns_search", network.dnsSearch());
    if (!network.routes()) {
      table.put("routes", "off");
    }
    network.table().ifPresent(number -> table.put("table", number));
    if (network.fwmark() != 0) {
      table.put("fwmark", Integer.toUnsignedLong(network.fwmark()));
    }
    if (network.killSwitch()) {
      table.put("kill_switch", true);
    }
    if (network.allowLan()) {
      table.put("allow_lan", true);
    }
    put(table, "peers", network.peers().stream().map(NetworkToml::table).toList());
    return table;
  }

  /** One table of {@code [[network.NAME.peers]]}, for {@link TomlWriter}. */
  public static Map<String, Object> table(PeerConfig peer) {
    Map<String, Object> table = new LinkedHashMap<>();
    String publicKey = peer.publicKey().toBase64();
    if (!peer.name().equals(publicKey)) {
      table.put("name", peer.name());
    }
    table.put("public_key", publicKey);
    peer.presharedKey().ifPresent(source -> source(table, "preshared_key", source));
    put(table, "endpoint", peer.endpoints().stream().map(EndpointName::toString).toList());
    put(table, "allowed_ips", prefixes(peer.allowedIps()));
    if (peer.persistentKeepaliveSeconds() != 0) {
      table.put("persistent_keepalive_secs", peer.persistentKeepaliveSeconds());
    }
    peer.probe().ifPresent(address -> table.put("probe", address.addressText()));
    return table;
  }

  private static void source(Map<String, Object> table, String prefix, KeySource source) {
    switch (source) {
      case KeySource.File file -> {
        table.put(prefix + "_path", file.path().toString());
        if (file.generate()) {
          table.put(prefix + "_generate", true);
        }
      }
      case KeySource.Environment variable -> table.put(prefix + "_env", variable.variable());
      case KeySource.Credential credential -> table.put(prefix + "_credential", credential.name());
    }
  }

  private static List<String> prefixes(List<IpPrefix> prefixes) {
    return prefixes.stream().map(IpPrefix::toString).toList();
  }

  private static void put(Map<String, Object> table, String key, List<?> values) {
    if (!values.isEmpty()) {
      table.put(key, values);
    }
  }
}
