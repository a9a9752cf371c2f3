package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;
import java.util.Optional;

/**
 * What to do to one peer. Empty means: leave as it is. The members mirror the UAPI's peer keys,
 * which is the widest interface a WireGuard device has; the configuration file is translated to it.
 *
 * @param publicKey which peer
 * @param remove remove the peer; everything else is ignored then
 * @param updateOnly do nothing if the peer does not exist
 * @param presharedKey the new preshared key; all zero bytes take it away. Ownership moves to the
 *     device, which wipes it
 * @param endpoint where to send from now on
 * @param persistentKeepaliveSeconds 0 to 65,535; 0 switches it off
 * @param replaceAllowedIps take all prefixes away before adding
 * @param allowedIps prefixes to add; one that another peer has moves over to this one
 * @param removeAllowedIps prefixes to take away from this peer if it has them, before adding
 */
public record PeerChange(
    PublicKey publicKey,
    boolean remove,
    boolean updateOnly,
    Optional<SecretKey> presharedKey,
    Optional<Endpoint> endpoint,
    Optional<Integer> persistentKeepaliveSeconds,
    boolean replaceAllowedIps,
    List<IpPrefix> allowedIps,
    List<IpPrefix> removeAllowedIps) {

  /** Validates the range of the keepalive and copies the lists. */
  public PeerChange {
    persistentKeepaliveSeconds.ifPresent(seconds -> {
      if (seconds < 0 || seconds > 65_535) {
        throw new IllegalArgumentException(
            "persistent keepalive of " + seconds + " s is not in 0 to 65535");
      }
    });
    allowedIps = List.copyOf(allowedIps);
    removeAllowedIps = List.copyOf(removeAllowedIps);
  }

  /** A change that removes the peer. */
  public static PeerChange removal(PublicKey publicKey) {
    return new PeerChange(
        publicKey,
        true,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        List.of(),
        List.of());
  }
}
