package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.counters.PacketCounter;
import cloud.runbeam.wgagent.engine.crypto.Aead;
import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.offload.FrameSegmenter;
import cloud.runbeam.wgagent.engine.offload.IpHeader;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.session.SendCounter;
import cloud.runbeam.wgagent.engine.wire.TransportLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Seals inner packets and sends what it sealed, one system call for many. The outbound thread has
 * one, the conductor another (keepalives, staged packets, handshake messages); neither needs a
 * lock, because counters are reserved atomically and a socket may be shared.
 *
 * <pre>
 *   seal | sealed...   append to the batch, flush when it is full
 *   flush              one send for the batch; losses are counted for the peer of each datagram
 * </pre>
 */
final class TransportSender {
  /** WireGuard pads inner packets to a multiple of 16 bytes (paper, section 5.4.6). */
  private static final int PADDING_MULTIPLE = 16;

  private final DeviceTables tables;
  private final Aead aead;
  private final DatagramBatch batch;
  private final MemorySegment scratch;
  private final boolean superPackets;
  private final int frameHeaderBytes;
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final @Nullable Peer[] peers;
  private final Function<Peer, PacketCounter> sent;
  private @Nullable UdpTransport transport;
  private UdpTransport.@Nullable Sender sender;

  /**
   * A sender for one thread.
   *
   * @param batch what is sealed and not sent yet
   * @param scratch room for one packet of a super-packet, {@link PacketBatch#MAX_FRAME_BYTES}
   * @param capacity of {@code batch}
   * @param sent which of a peer's counters counts what this thread sent
   */
  TransportSender(
      DeviceTables tables,
      TunDevice.FrameHeader frameHeader,
      Aead aead,
      DatagramBatch batch,
      MemorySegment scratch,
      int capacity,
      Function<Peer, PacketCounter> sent) {
    this.tables = tables;
    this.superPackets = frameHeader == TunDevice.FrameHeader.VIRTIO_NET;
    this.frameHeaderBytes = frameHeader.bytes();
    this.aead = aead;
    this.batch = batch;
    this.scratch = scratch;
    this.peers = new Peer[capacity];
    this.sent = sent;
  }

  /**
   * Seals a frame from the TUN device: one packet, or each packet of a super-packet, all or none.
   *
   * @return the number of packets; 0 if the keypair has no counters left; -1 if the frame's headers
   *     contradict each other
   */
  int sealFrame(
      Peer peer,
      Endpoint endpoint,
      Keypair keypair,
      MemorySegment memory,
      int frameOffset,
      int frameBytes,
      int mtuBytes) {
    int packets = superPackets ? segmenter.begin(memory, frameOffset, frameBytes) : 1;
    if (packets < 0) {
      return -1;
    }
    long counter = keypair.sendCounter().reserve(packets);
    if (counter == SendCounter.EXHAUSTED) {
      return 0;
    }
    if (packets == 1) {
      int ip = frameOffset + frameHeaderBytes;
      int bytes = IpHeader.packetBytes(memory, ip, frameBytes - frameHeaderBytes);
      seal(peer, endpoint, keypair, counter, memory, ip, bytes, mtuBytes);
      return 1;
    }
    for (int i = 0; i < packets; i++) {
      int bytes = segmenter.packet(i, scratch, 0);
      seal(peer, endpoint, keypair, counter + i, scratch, 0, bytes, mtuBytes);
    }
    return packets;
  }

  /**
   * Seals {@code bytes} of inner packet as one transport message to {@code endpoint}, zero bytes
   * being a keepalive.
   */
  void seal(
      Peer peer,
      Endpoint endpoint,
      Keypair keypair,
      long counter,
      MemorySegment source,
      long sourceOffset,
      int bytes,
      int mtuBytes) {
    int padding = paddingFor(bytes, mtuBytes);
    int messageBytes = TransportLayout.CIPHERTEXT + bytes + padding + Aead.TAG_BYTES;
    makeRoom(messageBytes);
    MemorySegment memory = batch.packets().memory();
    int at = batch.packets().position();
    TransportLayout.begin(memory, at, keypair.remoteIndex(), counter);
    aead.seal(
        keypair.sendKey(),
        counter,
        source,
        sourceOffset,
        bytes,
        padding,
        memory,
        at + TransportLayout.CIPHERTEXT);
    peers[batch.size()] = peer;
    batch.append(messageBytes, endpoint);
  }

  /**
   * Memory for a message of up to {@code bytes} that somebody else writes at {@link
   * #messageOffset}; followed by {@link #message}.
   */
  MemorySegment messageMemory(int bytes) {
    makeRoom(bytes);
    return batch.packets().memory();
  }

  /** Where the message goes in {@link #messageMemory}. */
  int messageOffset() {
    return batch.packets().position();
  }

  /**
   * Queues the message written at {@link #messageOffset}; {@code peer} is null for answers to
   * strangers.
   */
  void message(@Nullable Peer peer, Endpoint endpoint, int bytes) {
    peers[batch.size()] = peer;
    batch.append(bytes, endpoint);
  }

  /** Sends what was sealed, and counts what left and what did not. */
  void flush() {
    if (batch.size() == 0) {
      return;
    }
    UdpTransport.Sender current = currentSender();
    if (current == null) {
      for (int i = 0; i < batch.size(); i++) {
        drop(peers[i], DropReason.DEVICE_DOWN);
      }
    } else {
      boolean allSent = current.send(batch) == 0;
      if (!allSent) {
        settleOutcomes();
      }
      countSent(allSent);
    }
    Arrays.fill(peers, 0, batch.size(), null);
    batch.clear();
  }

  /** Releases the socket's scratch memory; on the sending thread. */
  void close() {
    UdpTransport.Sender last = sender;
    if (last != null) {
      last.close();
    }
    sender = null;
    transport = null;
  }

  private void settleOutcomes() {
    for (int i = 0; i < batch.size(); i++) {
      SendOutcome outcome = batch.outcome(i);
      Peer peer = peers[i];
      if (outcome == SendOutcome.SENT_WITHOUT_SOURCE && peer != null) {
        peer.forgetSource();
      }
      if (outcome.isLoss()) {
        drop(peer, reasonOf(outcome));
      }
    }
  }

  /** Counts what left, once per run of datagrams to one peer. */
  private void countSent(boolean allSent) {
    int i = 0;
    while (i < batch.size()) {
      Peer peer = peers[i];
      long packets = 0;
      long bytes = 0;
      while (i < batch.size() && peers[i] == peer) {
        if (allSent || !batch.outcome(i).isLoss()) {
          packets++;
          bytes += batch.packets().length(i);
        }
        i++;
      }
      if (peer != null && packets > 0) {
        sent.apply(peer).add(packets, bytes);
      }
    }
  }

  private void drop(@Nullable Peer peer, DropReason reason) {
    (peer == null ? tables.drops() : peer.drops()).count(reason);
  }

  private void makeRoom(int bytes) {
    if (!batch.packets().hasRoom(bytes)) {
      flush();
    }
  }

  private UdpTransport.@Nullable Sender currentSender() {
    UdpTransport open = tables.transport();
    if (open != transport) {
      close();
      transport = open;
      sender = open == null ? null : open.newSender();
    }
    return sender;
  }

  private static DropReason reasonOf(SendOutcome outcome) {
    return switch (outcome) {
      case UNREACHABLE -> DropReason.ENDPOINT_UNREACHABLE;
      case NO_BUFFER -> DropReason.SOCKET_BUFFER_FULL;
      case TOO_LARGE -> DropReason.DATAGRAM_TOO_LARGE;
      case REFUSED -> DropReason.SEND_REFUSED;
      case CLOSED -> DropReason.DEVICE_DOWN;
      case FAILED, SENT, SENT_WITHOUT_SOURCE -> DropReason.SEND_FAILED;
    };
  }

  /**
   * Zero bytes to add: up to the next multiple of 16, but never beyond the MTU, so that padding
   * cannot make a full packet too large for the path (as the kernel's calculate_skb_padding).
   */
  static int paddingFor(int bytes, int mtuBytes) {
    int padded = (bytes + PADDING_MULTIPLE - 1) & -PADDING_MULTIPLE;
    return bytes < mtuBytes ? Math.min(padded, mtuBytes) - bytes : 0;
  }
}
