package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.config.EndpointName;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code peer.set} and {@code peer.remove}: one peer of a network, live. */
public abstract sealed class PeerMethod implements ControlMethod {
  private final TunnelService tunnels;

  private PeerMethod(TunnelService tunnels) {
    this.tunnels = tunnels;
  }

  @Override
  public final Role role() {
    return Role.ADMIN;
  }

  @Override
  public final Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("network", "peer", "public_key", "persist"));
    String network = Params.requiredText(params, "network");
    try {
      Object peer = change(tunnels, network, params, caller);
      if (Params.truth(params, "persist").orElse(false)) {
        tunnels.persist(network);
      }
      return peer;
    } catch (TunnelException refused) {
      throw TunnelRefusals.translate(refused);
    }
  }

  abstract Object change(TunnelService tunnels, String network, ObjectNode params, Caller caller)
      throws RequestException, TunnelException;

  private static Optional<PeerConfig> find(NetworkConfig network, PublicKey key) {
    return network.peers().stream().filter(peer -> peer.publicKey().equals(key)).findFirst();
  }

  /** {@code peer.set}: adds the peer, or gives the one with its public key these settings. */
  public static final class Setting extends PeerMethod {
    private final RequestedConfig requested;

    /** The method over these tunnels. */
    public Setting(TunnelService tunnels, RequestedConfig requested) {
      super(tunnels);
      this.requested = requested;
    }

    @Override
    public String name() {
      return "peer.set";
    }

    @Override
    Object change(TunnelService tunnels, String network, ObjectNode params, Caller caller)
        throws RequestException, TunnelException {
      PeerConfig wanted = requested.peer(params, caller);
      NetworkStatus status = tunnels.setPeer(network, wanted);
      return PeerView.of(network, find(status.config(), wanted.publicKey()).orElse(wanted));
    }
  }

  /** {@code peer.remove}: ends the session with a peer and forgets it. */
  public static final class Removal extends PeerMethod {
    /** The method over these tunnels. */
    public Removal(TunnelService tunnels) {
      super(tunnels);
    }

    @Override
    public String name() {
      return "peer.remove";
    }

    @Override
    Object change(TunnelService tunnels, String network, ObjectNode params, Caller caller)
        throws RequestException, TunnelException {
      NetworkStatus before =
          tunnels
              .status(network)
              .orElseThrow(() -> new RequestException(ErrorType.NETWORK_NOT_FOUND, network));
      PublicKey key = key(params, before.config());
      Optional<PeerConfig> peer = find(before.config(), key);
      tunnels.removePeer(network, key);
      return peer.map(known -> PeerView.of(network, known))
          .orElseGet(() -> PeerView.of(network, key));
    }

    /**
     * Under {@code public_key}, or as {@code peer}: the key, the name, or an object with the key.
     */
    private static PublicKey key(ObjectNode params, NetworkConfig network) throws RequestException {
      JsonNode given = params.has("public_key") ? params.get("public_key") : params.get("peer");
      if (given instanceof ObjectNode peer) {
        given = peer.has("public_key") ? peer.get("public_key") : peer.get("publicKey");
      }
      if (given != null && given.isString()) {
        String text = given.stringValue();
        for (PeerConfig peer : network.peers()) {
          if (peer.name().equals(text)) {
            return peer.publicKey();
          }
        }
        try {
          return PublicKey.fromBase64(text);
        } catch (IllegalArgumentException _) {
          // Said below; the text is not quoted, since it may be a private key.
        }
      }
      throw new RequestException(
          ErrorType.INVALID_PARAMS,
          "public_key is missing, or neither a key of 44 characters nor the name of a peer of"
              + " network "
              + network.name());
    }
  }

  /**
   * The result: the peer as configured.
   *
   * @param network of which network
   * @param name in the configuration, otherwise the public key
   * @param publicKey in base64
   * @param endpoint tried in order; empty for a peer that calls us
   * @param allowedIps prefixes
   * @param persistentKeepaliveSecs 0 for off
   * @param presharedKey whether there is one
   */
  public record PeerView(
      String network,
      String name,
      String publicKey,
      List<String> endpoint,
      List<String> allowedIps,
      int persistentKeepaliveSecs,
      boolean presharedKey) {

    private static PeerView of(String network, PeerConfig peer) {
      return new PeerView(
          network,
          peer.name(),
          peer.publicKey().toBase64(),
          peer.endpoints().stream().map(EndpointName::toString).toList(),
          peer.allowedIps().stream().map(IpPrefix::toString).toList(),
          peer.persistentKeepaliveSeconds(),
          peer.presharedKey().isPresent());
    }

    private static PeerView of(String network, PublicKey key) {
      return new PeerView(network, key.toBase64(), key.toBase64(), List.of(), List.of(), 0, false);
    }
  }
}
