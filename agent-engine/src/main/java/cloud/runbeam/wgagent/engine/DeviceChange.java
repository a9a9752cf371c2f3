package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.util.List;
import java.util.Optional;

/**
 * What to do to a device, applied in one step by the conductor: the device's own members first,
 * then the peers in order. Empty means: leave as it is.
 *
 * @param privateKey the new identity; all zero bytes take it away. Ownership moves to the device,
 *     which wipes it
 * @param listenPort 0 to 65,535; 0 for any
 * @param fwmark mark on outer packets; 0 for none
 * @param replacePeers remove all peers before adding
 * @param peers changes to peers, in order
 */
public record DeviceChange(
    Optional<SecretKey> privateKey,
    Optional<Integer> listenPort,
    Optional<Integer> fwmark,
    boolean replacePeers,
    List<PeerChange> peers) {

  /** Validates the port and copies the list. */
  public DeviceChange {
    listenPort.ifPresent(port -> {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("listen port " + port + " is not in 0 to 65535");
      }
    });
    peers = List.copyOf(peers);
  }

  /** A change of peers alone. */
  public static DeviceChange ofPeers(List<PeerChange> peers) {
    return new DeviceChange(Optional.empty(), Optional.empty(), Optional.empty(), false, peers);
  }
}
