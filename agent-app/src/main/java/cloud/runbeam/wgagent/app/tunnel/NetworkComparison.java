package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.tunnel.NetworkDiff.Action;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Compares what a network is with what it shall be. Where something stands in the file does not
 * count, nor does the order of peers, prefixes and addresses.
 */
final class NetworkComparison {
  private final NetworkConfig before;
  private final NetworkConfig after;
  private final KeyChanges keys;

  /**
   * A comparison.
   *
   * @param keys which keys are others although they come from the same place
   */
  NetworkComparison(NetworkConfig before, NetworkConfig after, KeyChanges keys) {
    this.before = before;
    this.after = after;
    this.keys = keys;
  }

  /** Everything that differs; {@link Action#UPDATE}, or {@link Action#NONE} where nothing does. */
  NetworkDiff diff() {
    Map<PublicKey, PeerConfig> old = byKey(before);
    Map<PublicKey, PeerConfig> now = byKey(after);
    List<String> added = new ArrayList<>();
    List<String> updated = new ArrayList<>();
    for (PeerConfig peer : after.peers()) {
      PeerConfig was = old.get(peer.publicKey());
      if (was == null) {
        added.add(peer.name());
      } else if (isChanged(was, peer)) {
        updated.add(peer.name());
      }
    }
    List<String> removed =
        before.peers().stream()
            .filter(peer -> !now.containsKey(peer.publicKey()))
            .map(PeerConfig::name)
            .toList();
    Set<IpPrefix> oldRoutes = routes(before);
    Set<IpPrefix> newRoutes = routes(after);
    NetworkDiff diff =
        new NetworkDiff(
            after.name(),
            Action.UPDATE,
            added,
            removed,
            updated,
            without(after.addresses(), before.addresses()),
            without(before.addresses(), after.addresses()),
            without(newRoutes, oldRoutes),
            without(oldRoutes, newRoutes),
            changedKeys(),
            false);
    return diff.isEmpty() ? diff.as(Action.NONE) : diff;
  }

  /** A network that was not there. */
  static NetworkDiff appearing(NetworkConfig config) {
    return new NetworkDiff(
        config.name(),
        config.enabled() ? Action.START : Action.UPDATE,
        config.peers().stream().map(PeerConfig::name).toList(),
        List.of(),
        List.of(),
        without(config.addresses(), List.of()),
        List.of(),
        without(routes(config), List.of()),
        List.of(),
        List.of(),
        false);
  }

  /** A network that is there no longer. */
  static NetworkDiff leaving(NetworkConfig config) {
    return new NetworkDiff(
        config.name(),
        Action.STOP,
        List.of(),
        config.peers().stream().map(PeerConfig::name).toList(),
        List.of(),
        List.of(),
        without(config.addresses(), List.of()),
        List.of(),
        without(routes(config), List.of()),
        List.of(),
        false);
  }

  /** A network that nothing happens to. */
  static NetworkDiff unchanged(String network) {
    List<String> none = List.of();
    return new NetworkDiff(
        network, Action.NONE, none, none, none, none, none, none, none, none, false);
  }

  /** Whether only taking the network down and up again brings the new settings about. */
  boolean needsRestart() {
    return !before.interfaceName().equals(after.interfaceName());
  }

  /** Whether the engine has to be told of this peer, which is in both. */
  boolean isEngineChanged(PeerConfig was, PeerConfig is) {
    return isPresharedKeyChanged(was, is)
        || !was.endpoints().equals(is.endpoints())
        || !sameElements(was.allowedIps(), is.allowedIps())
        || was.persistentKeepaliveSeconds() != is.persistentKeepaliveSeconds();
  }

  boolean isPresharedKeyChanged(PeerConfig was, PeerConfig is) {
    return !sameSource(was.presharedKey(), is.presharedKey())
        || keys.presharedKeys().contains(is.publicKey());
  }

  boolean isPrivateKeyChanged() {
    return keys.privateKey()
        || !sameSource(Optional.of(before.privateKey()), Optional.of(after.privateKey()));
  }

  private boolean isChanged(PeerConfig was, PeerConfig is) {
    return isEngineChanged(was, is)
        || !was.name().equals(is.name())
        || !was.probe().equals(is.probe());
  }

  private List<String> changedKeys() {
    List<String> changed = new ArrayList<>();
    note(changed, "enable_wireguard", before.enabled(), after.enabled());
    note(changed, "interface", before.interfaceName(), after.interfaceName());
    note(changed, "mtu", before.mtuBytes(), after.mtuBytes());
    note(changed, "listen_port", before.listenPort(), after.listenPort());
    if (isPrivateKeyChanged()) {
      changed.add("private_key");
    }
    note(changed, "dns", before.dns(), after.dns());
    note(changed, "dns_search", before.dnsSearch(), after.dnsSearch());
    note(changed, "routes", before.routes(), after.routes());
    note(changed, "table", before.table(), after.table());
    note(changed, "fwmark", before.fwmark(), after.fwmark());
    note(changed, "kill_switch", before.killSwitch(), after.killSwitch());
    note(changed, "allow_lan", before.allowLan(), after.allowLan());
    return changed;
  }

  private static void note(List<String> changed, String key, Object was, Object is) {
    if (!was.equals(is)) {
      changed.add(key);
    }
  }

  private static boolean sameSource(Optional<KeySource> one, Optional<KeySource> other) {
    return one.map(NetworkComparison::place).equals(other.map(NetworkComparison::place));
  }

  /** Where a key comes from, without where that is written. */
  private static String place(KeySource source) {
    return source.describe();
  }

  private static Set<IpPrefix> routes(NetworkConfig config) {
    Set<IpPrefix> routes = new LinkedHashSet<>();
    if (config.routes()) {
      config.peers().forEach(peer -> routes.addAll(peer.allowedIps()));
    }
    return routes;
  }

  private static Map<PublicKey, PeerConfig> byKey(NetworkConfig config) {
    Map<PublicKey, PeerConfig> peers = new HashMap<>();
    config.peers().forEach(peer -> peers.put(peer.publicKey(), peer));
    return peers;
  }

  private static boolean sameElements(List<IpPrefix> one, List<IpPrefix> other) {
    return one.equals(other) || Set.copyOf(one).equals(Set.copyOf(other));
  }

  private static List<String> without(Collection<IpPrefix> all, Collection<IpPrefix> known) {
    Set<IpPrefix> left = new LinkedHashSet<>(all);
    left.removeAll(Set.copyOf(known));
    return left.stream().map(Objects::toString).toList();
  }

  /**
   * Keys that are others than those in use.
   *
   * @param privateKey whether the private key is
   * @param presharedKeys peers whose preshared key is
   */
  record KeyChanges(boolean privateKey, Set<PublicKey> presharedKeys) {
    static final KeyChanges NONE = new KeyChanges(false, Set.of());
  }
}
