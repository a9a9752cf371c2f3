package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.AgentHealth.OfNetwork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Health as probes and people read it over HTTP: names in snake_case, the peers that are not
 * healthy first, at most {@value #MAX_PEERS} of a network, so that the document stays small
 * whatever the number of peers.
 *
 * <pre>
 *   {"status": "degraded", "reasons": [],
 *    "networks": [{"network": "office", "state": "active", "interface": "wg0", "health": "degraded",
 *                  "reasons": ["peer core: no answer to 4 handshakes to ..."],
 *                  "peers": {"total": 1, "active": 0, "healthy": 0, "omitted": 0,
 *                            "detail": [{"name": "core", "public_key": "...", "active": false, "healthy": false,
 *                                        "last_handshake_seconds": 200, "reason": "no answer ..."}]}}]}
 * </pre>
 */
public final class HealthDocument {
  /** Peers and reasons of one network that are shown. */
  static final int MAX_PEERS = 100;

  private HealthDocument() {}

  /** The document: maps, lists, texts, numbers and truth values. */
  public static Map<String, Object> of(AgentHealth health) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("status", health.verdict().code());
    document.put("reasons", health.reasons());
    document.put("networks", health.networks().stream().map(HealthDocument::network).toList());
    return document;
  }

  static Map<String, Object> network(OfNetwork network) {
    NetworkHealth health = network.health();
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("network", network.status().name());
    members.put("state", network.status().state().code());
    members.put("interface", network.status().interfaceName());
    members.put("health", health.verdict().code());
    members.put("reasons", health.reasons().stream().limit(MAX_PEERS).toList());
    members.put("peers", peers(health.peers()));
    return members;
  }

  private static Map<String, Object> peers(List<PeerHealth> peers) {
    List<PeerHealth> worstFirst = new ArrayList<>(peers);
    worstFirst.sort(Comparator.comparing(PeerHealth::healthy));
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("total", peers.size());
    members.put("active", peers.stream().filter(PeerHealth::active).count());
    members.put("healthy", peers.stream().filter(PeerHealth::healthy).count());
    members.put("omitted", Math.max(0, peers.size() - MAX_PEERS));
    members.put("detail", worstFirst.stream().limit(MAX_PEERS).map(HealthDocument::peer).toList());
    return members;
  }

  private static Map<String, Object> peer(PeerHealth peer) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", peer.name());
    members.put("public_key", peer.publicKey());
    members.put("active", peer.active());
    members.put("healthy", peer.healthy());
    peer.handshakeAge().ifPresent(age -> members.put("last_handshake_seconds", age.toSeconds()));
    if (!peer.reason().isEmpty()) {
      members.put("reason", peer.reason());
    }
    return members;
  }
}
