package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.memory.PacketBuffer;
import cloud.runbeam.wgagent.engine.offload.IpHeader;
import cloud.runbeam.wgagent.engine.peer.Attention;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.peer.SessionLimits;
import cloud.runbeam.wgagent.engine.routing.AllowedIps;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.timer.PeerTimers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * TUN to UDP, one thread, a packet at a time to completion:
 *
 * <pre>
 *   1. read     a batch of frames; the only place that blocks
 *   2. route    destination address to peer (cryptokey routing)
 *   3. session  the peer's current keypair, or the frame is staged and the conductor asked for a handshake
 *   4. number   reserve the next counter
 *   5. seal     pad, encrypt into the send batch
 *   6. settle   once per run of packets to one peer: counters, timers, rekey
 *   7. send     the batch, one call
 * </pre>
 *
 * <p>Order is kept for all packets of a batch and from batch to batch, but for frames that were
 * staged: the conductor sends those while later ones may leave here. The clock is read once per
 * batch.
 */
public final class OutboundAgent implements Agent {
  private final String name;
  private final TunDevice tun;
  private final DeviceTables tables;
  private final MonotonicClock clock;
  private final Quiescence quiescence;
  private final PacketBatch frames;
  private final TransportSender sender;
  private final FrameStager stager;
  private final int frameHeaderBytes;

  // The run of packets to one peer that is under way.
  private @Nullable Peer runPeer;
  private @Nullable Keypair runKeypair;
  private @Nullable Endpoint runEndpoint;
  private boolean runSealed;

  OutboundAgent(
      String name,
      TunDevice tun,
      DeviceTables tables,
      MonotonicClock clock,
      Quiescence quiescence,
      PacketBatch frames,
      TransportSender sender,
      FrameStager stager) {
    this.name = name;
    this.tun = tun;
    this.tables = tables;
    this.clock = clock;
    this.quiescence = quiescence;
    this.frames = frames;
    this.sender = sender;
    this.stager = stager;
    this.frameHeaderBytes = tun.frameHeader().bytes();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean doWork() throws IOException {
    int count = tun.read(frames);
    if (count < 0) {
      return false;
    }
    quiescence.enter();
    try {
      forward(clock.nowNs());
    } finally {
      quiescence.exit();
    }
    return true;
  }

  /** Counts this thread's batches. Any thread. */
  public Quiescence rounds() {
    return quiescence;
  }

  @Override
  public void onClose() {
    sender.close();
  }

  private void forward(long nowNs) {
    AllowedIps<Peer> allowedIps = tables.allowedIps();
    int mtuBytes = tun.mtuBytes();
    MemorySegment memory = frames.memory();
    for (int i = 0; i < frames.size(); i++) {
      int offset = frames.offset(i) + frameHeaderBytes;
      int bytes = IpHeader.packetBytes(memory, offset, frames.length(i) - frameHeaderBytes);
      if (bytes < 0) {
        tables.drops().count(DropReason.MALFORMED_INNER_PACKET);
        continue;
      }
      Peer peer = route(allowedIps, memory, offset);
      if (peer == null) {
        tables.drops().count(DropReason.NO_PEER_FOR_DESTINATION);
        continue;
      }
      if (peer != runPeer) {
        settleRun(nowNs);
        beginRun(peer, nowNs);
      }
      if (isGoingToEndpoint(memory, offset) && isOwnMessage(memory, offset, bytes)) {
        peer.drops().count(DropReason.ROUTING_LOOP);
        continue;
      }
      sealOrStage(peer, memory, i, mtuBytes);
    }
    settleRun(nowNs);
    sender.flush();
  }

  private static @Nullable Peer route(
      AllowedIps<Peer> allowedIps, MemorySegment memory, long offset) {
    return IpHeader.version(memory, offset) == 4
        ? allowedIps.lookupIpv4(IpHeader.ipv4Destination(memory, offset))
        : allowedIps.lookupIpv6(
            IpHeader.ipv6DestinationHigh(memory, offset),
            IpHeader.ipv6DestinationLow(memory, offset));
  }

  private void beginRun(Peer peer, long nowNs) {
    runPeer = peer;
    Keypair keypair = peer.keypairs().toSend();
    runKeypair = keypair != null && SessionLimits.maySend(keypair, nowNs) ? keypair : null;
    runEndpoint = peer.endpoint();
  }

  /** Whether the inner destination is the address that the peer's packets are sent to. */
  private boolean isGoingToEndpoint(MemorySegment memory, long offset) {
    Endpoint endpoint = runEndpoint;
    if (endpoint == null) {
      return false;
    }
    return IpHeader.version(memory, offset) == 4
        ? endpoint.isIpv4()
            && IpHeader.ipv4Destination(memory, offset) == (int) endpoint.addressLow()
        : IpHeader.ipv6DestinationLow(memory, offset) == endpoint.addressLow()
            && IpHeader.ipv6DestinationHigh(memory, offset) == endpoint.addressHigh();
  }

  /**
   * Whether this is a message of ours to the peer's endpoint that the host routed back into the
   * tunnel. Sealed again, it would come back again, a header longer each time, for ever.
   */
  private boolean isOwnMessage(MemorySegment memory, long offset, int bytes) {
    Endpoint endpoint = runEndpoint;
    UdpTransport open = tables.transport();
    return endpoint != null
        && open != null
        && IpHeader.isUdp(memory, offset, bytes, open.localPort(), endpoint.port());
  }

  private void sealOrStage(Peer peer, MemorySegment memory, int frame, int mtuBytes) {
    Keypair keypair = runKeypair;
    Endpoint endpoint = runEndpoint;
    if (endpoint == null) {
      peer.drops().count(DropReason.NO_ENDPOINT);
      return;
    }
    if (keypair != null) {
      int packets =
          sender.sealFrame(
              peer,
              endpoint,
              keypair,
              memory,
              frames.offset(frame),
              frames.length(frame),
              mtuBytes);
      if (packets > 0) {
        runSealed = true;
        return;
      }
      if (packets < 0) {
        peer.drops().count(DropReason.MALFORMED_INNER_PACKET);
        return;
      }
      runKeypair = null; // out of counters
    }
    stage(peer, memory, frame);
  }

  private void stage(Peer peer, MemorySegment memory, int frame) {
    PacketBuffer copy = stager.copy(memory, frames.offset(frame), frames.length(frame));
    if (copy == null) {
      peer.drops().count(DropReason.POOL_EXHAUSTED);
      return;
    }
    if (peer.staged().add(copy)) {
      peer.drops().count(DropReason.STAGING_OVERFLOW);
    }
    peer.ask(Attention.PACKETS_STAGED);
  }

  private void settleRun(long nowNs) {
    Peer peer = runPeer;
    Keypair keypair = runKeypair;
    if (peer != null && runSealed) {
      PeerTimers timers = peer.timers();
      timers.authenticatedPacketSent();
      boolean timersChanged = timers.authenticatedPacketTraversal(nowNs);
      timersChanged |= timers.dataSent(nowNs);
      if (timersChanged) {
        peer.ask(Attention.TIMERS_CHANGED);
      }
      if (keypair != null && SessionLimits.wantsRekeyAfterSending(keypair, nowNs)) {
        peer.ask(Attention.HANDSHAKE_WANTED);
      }
    }
    runPeer = null;
    runKeypair = null;
    runEndpoint = null;
    runSealed = false;
  }
}
