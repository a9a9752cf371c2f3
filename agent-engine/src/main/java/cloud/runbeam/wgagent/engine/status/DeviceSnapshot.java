package cloud.runbeam.wgagent.engine.status;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One device at one moment.
 *
 * @param interfaceName as the operating system knows it
 * @param publicKey empty while no private key is set
 * @param formerPublicKey while the key is being rotated, the one before {@code publicKey}, which is
 *     still answered for
 * @param listenPort the bound port, or the one asked for while the device is down, 0 for any
 * @param fwmark mark on outer packets, 0 for none
 * @param mtuBytes the interface's MTU
 * @param up whether the link is up and sockets are open
 * @param problem what keeps the device from working although its link is up, with what to do; empty
 *     when nothing does
 * @param peers in the order in which they were added
 * @param drops packets lost before a peer was known, by reason; reasons with zero are absent
 * @param offloads what the operating system does for the device; those of its sockets while it is
 *     up
 * @param buffers what waiting packets leave of the device's buffers
 * @param queuedHandshakes handshake and cookie messages that wait for the conductor
 */
public record DeviceSnapshot(
    String interfaceName,
    Optional<PublicKey> publicKey,
    Optional<PublicKey> formerPublicKey,
    int listenPort,
    int fwmark,
    int mtuBytes,
    boolean up,
    Optional<String> problem,
    List<PeerSnapshot> peers,
    Map<DropReason, Long> drops,
    List<OffloadState> offloads,
    BufferSnapshot buffers,
    int queuedHandshakes) {

  /** Copies the collections. */
  public DeviceSnapshot {
    peers = List.copyOf(peers);
    drops = Map.copyOf(drops);
    offloads = List.copyOf(offloads);
  }

  /** A device that rotates no key and for which no handshake message waits. */
  public DeviceSnapshot(
      String interfaceName,
      Optional<PublicKey> publicKey,
      int listenPort,
      int fwmark,
      int mtuBytes,
      boolean up,
      Optional<String> problem,
      List<PeerSnapshot> peers,
      Map<DropReason, Long> drops,
      List<OffloadState> offloads,
      BufferSnapshot buffers) {
    this(
        interfaceName,
        publicKey,
        Optional.empty(),
        listenPort,
        fwmark,
        mtuBytes,
        up,
        problem,
        peers,
        drops,
        offloads,
        buffers,
        0);
  }
}
