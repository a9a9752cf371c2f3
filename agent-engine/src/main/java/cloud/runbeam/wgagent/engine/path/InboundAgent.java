package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.Aead;
import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.memory.PacketBuffer;
import cloud.runbeam.wgagent.engine.offload.FrameCoalescer;
import cloud.runbeam.wgagent.engine.offload.IpHeader;
import cloud.runbeam.wgagent.engine.peer.Attention;
import cloud.runbeam.wgagent.engine.peer.LocalIndex;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.peer.SessionLimits;
import cloud.runbeam.wgagent.engine.routing.AllowedIps;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.session.ReplayWindow;
import cloud.runbeam.wgagent.engine.timer.PeerTimers;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import cloud.runbeam.wgagent.engine.wire.PacketGate;
import cloud.runbeam.wgagent.engine.wire.TransportLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * UDP to TUN, one thread, a datagram at a time to completion:
 *
 * <pre>
 *   1. receive   a batch of datagrams; blocks here, or waits for sockets while the device is down
 *   2. gate      type and exact length; handshake messages go to the conductor, the rest of this list is for transport messages
 *   3. index     receiver index to keypair
 *   4. open      decrypt to where the next frame for the TUN device begins
 *   5. replay    the counter, after it is known to be genuine
 *   6. roam      the endpoint follows authenticated packets
 *   7. source    the inner source must be routed to this very peer (cryptokey routing)
 *   8. join      a packet that continues the newest frame's flow becomes part of it, where the TUN device takes super-packets
 *   9. settle    once per run of packets from one keypair: counters, timers, confirmation, rekey
 *  10. write     the batch to the TUN device
 * </pre>
 *
 * <p>Order is kept. The clock is read once per batch. Replay windows have this thread as their only
 * user.
 */
public final class InboundAgent implements Agent {
  private final String name;
  private final TunDevice tun;
  private final DeviceTables tables;
  private final MonotonicClock clock;
  private final Quiescence quiescence;
  private final DatagramBatch datagrams;
  private final PacketBatch frames;
  private final Aead aead;
  private final FrameStager stager;
  private final HandshakeQueue handshakes;
  private final int frameHeaderBytes;
  private final @Nullable FrameCoalescer coalescer;
  private @Nullable UdpTransport spent;

  // The run of packets from one keypair that is under way.
  private @Nullable LocalIndex runIndex;
  private @Nullable Keypair runKeypair;
  private long runPackets;
  private long runBytes;
  private long runReordered;
  private boolean runCarriedData;

  InboundAgent(
      String name,
      TunDevice tun,
      DeviceTables tables,
      MonotonicClock clock,
      Quiescence quiescence,
      DatagramBatch datagrams,
      PacketBatch frames,
      Aead aead,
      FrameStager stager,
      HandshakeQueue handshakes) {
    this.name = name;
    this.tun = tun;
    this.tables = tables;
    this.clock = clock;
    this.quiescence = quiescence;
    this.datagrams = datagrams;
    this.frames = frames;
    this.aead = aead;
    this.stager = stager;
    this.handshakes = handshakes;
    this.frameHeaderBytes = tun.frameHeader().bytes();
    this.coalescer =
        tun.frameHeader() == TunDevice.FrameHeader.VIRTIO_NET
            ? new FrameCoalescer(tun.takesUdpSuperPackets())
            : null;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean doWork() throws IOException {
    UdpTransport open = tables.awaitTransport(spent);
    if (open == null) {
      return false;
    }
    if (open.receive(datagrams) < 0) {
      // Closed under us: the conductor has published, or will publish, other sockets.
      spent = open;
      return true;
    }
    quiescence.enter();
    try {
      deliver(clock.nowNs());
    } finally {
      quiescence.exit();
    }
    return !tables.isClosed();
  }

  /** Counts this thread's batches. Any thread. */
  public Quiescence rounds() {
    return quiescence;
  }

  @Override
  public void onClose() {
    spent = null;
  }

  private void deliver(long nowNs) throws IOException {
    AllowedIps<Peer> allowedIps = tables.allowedIps();
    MemorySegment memory = datagrams.packets().memory();
    frames.clear();
    for (int i = 0; i < datagrams.size(); i++) {
      int offset = datagrams.packets().offset(i);
      int bytes = datagrams.packets().length(i);
      int type = PacketGate.classify(memory, offset, bytes);
      if (type == MessageType.TRANSPORT) {
        deliverTransport(allowedIps, memory, offset, bytes, i, nowNs);
      } else if (type == PacketGate.MALFORMED) {
        tables.drops().count(DropReason.MALFORMED_MESSAGE);
      } else {
        handOver(memory, offset, bytes, type, i, nowNs);
      }
    }
    settleRun(nowNs);
    writeFrames();
  }

  private void handOver(
      MemorySegment memory, int offset, int bytes, int type, int datagram, long nowNs) {
    PacketBuffer copy = stager.copy(memory, offset, bytes);
    if (copy == null) {
      tables.drops().count(DropReason.POOL_EXHAUSTED);
    } else if (!handshakes.offer(type, copy, datagrams.origin(datagram), nowNs)) {
      copy.close();
      tables.drops().count(DropReason.HANDSHAKE_QUEUE_FULL);
    }
  }

  private void deliverTransport(
      AllowedIps<Peer> allowedIps,
      MemorySegment memory,
      int offset,
      int bytes,
      int datagram,
      long nowNs)
      throws IOException {
    LocalIndex index = tables.indexes().get(TransportLayout.receiverIndex(memory, offset));
    Keypair keypair = index == null ? null : index.keypair();
    if (index == null || keypair == null) {
      tables.drops().count(DropReason.UNKNOWN_INDEX);
      return;
    }
    Peer peer = index.peer();
    long counter = TransportLayout.counter(memory, offset);
    if (!SessionLimits.mayReceive(keypair, counter, nowNs)) {
      peer.drops().count(DropReason.EXPIRED_KEY_USED);
      return;
    }
    int sealedBytes = bytes - TransportLayout.CIPHERTEXT;
    if (!frames.hasRoom(frameHeaderBytes + sealedBytes)) {
      writeFrames();
    }
    int frame = frames.position();
    int plaintextBytes =
        aead.open(
            keypair.receiveKey(),
            counter,
            memory,
            offset + TransportLayout.CIPHERTEXT,
            sealedBytes,
            frames.memory(),
            frame + frameHeaderBytes);
    if (plaintextBytes < 0) {
      peer.drops().count(DropReason.AUTHENTICATION_FAILED);
      return;
    }
    ReplayWindow window = keypair.replayWindow();
    boolean late = Long.compareUnsigned(counter, window.highest()) < 0;
    if (!window.accept(counter)) {
      peer.drops().count(DropReason.REPLAYED_COUNTER);
      peer.receiveQuality().duplicate(nowNs);
      return;
    }
    if (keypair != runKeypair) {
      settleRun(nowNs);
      runIndex = index;
      runKeypair = keypair;
    }
    runPackets++;
    if (late) {
      runReordered++;
    }
    runBytes += bytes;
    if (!datagrams.cameFrom(datagram, peer.endpoint())) {
      peer.roamTo(datagrams.origin(datagram));
    }
    if (plaintextBytes > 0) {
      runCarriedData = true;
      acceptInner(allowedIps, peer, frame, plaintextBytes);
    }
  }

  private void acceptInner(AllowedIps<Peer> allowedIps, Peer peer, int frame, int plaintextBytes) {
    MemorySegment memory = frames.memory();
    int offset = frame + frameHeaderBytes;
    int bytes = IpHeader.packetBytes(memory, offset, plaintextBytes);
    if (bytes < 0) {
      peer.drops().count(DropReason.MALFORMED_INNER_CONTENT);
      return;
    }
    Peer owner =
        IpHeader.version(memory, offset) == 4
            ? allowedIps.lookupIpv4(IpHeader.ipv4Source(memory, offset))
            : allowedIps.lookupIpv6(
                IpHeader.ipv6SourceHigh(memory, offset), IpHeader.ipv6SourceLow(memory, offset));
    if (owner != peer) {
      peer.drops().count(DropReason.SOURCE_NOT_ALLOWED);
      return;
    }
    FrameCoalescer joining = coalescer;
    if (joining != null) {
      joining.add(frames, bytes);
    } else {
      frames.append(bytes);
    }
  }

  private void settleRun(long nowNs) {
    LocalIndex index = runIndex;
    Keypair keypair = runKeypair;
    if (index == null || keypair == null) {
      return;
    }
    Peer peer = index.peer();
    peer.received().add(runPackets, runBytes);
    peer.receiveQuality()
        .received(keypair, keypair.replayWindow().highest(), runPackets, runReordered, nowNs);
    int wanted = 0;
    PeerTimers timers = peer.timers();
    timers.authenticatedPacketReceived();
    boolean timersChanged = timers.authenticatedPacketTraversal(nowNs);
    if (runCarriedData) {
      timersChanged |= timers.dataReceived(nowNs);
    }
    if (timersChanged) {
      wanted |= Attention.TIMERS_CHANGED;
    }
    if (keypair.confirm() || keypair == peer.keypairs().next()) {
      wanted |= Attention.KEYPAIR_CONFIRMED;
    }
    if (SessionLimits.wantsRekeyAfterReceiving(keypair, nowNs)) {
      wanted |= Attention.LAST_MINUTE_HANDSHAKE;
    }
    if (wanted != 0) {
      peer.ask(wanted);
    }
    runIndex = null;
    runKeypair = null;
    runPackets = 0;
    runBytes = 0;
    runReordered = 0;
    runCarriedData = false;
  }

  private void writeFrames() throws IOException {
    if (!frames.isEmpty()) {
      if (coalescer != null) {
        coalescer.finish(frames);
      }
      int refused = frames.size() - tun.write(frames);
      if (refused > 0) {
        tables.drops().add(DropReason.TUN_WRITE_FAILED, refused);
      }
      frames.clear();
    }
  }
}
