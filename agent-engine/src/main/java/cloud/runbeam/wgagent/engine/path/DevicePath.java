package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.counters.PacketCounter;
import cloud.runbeam.wgagent.engine.crypto.AeadProvider;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.engine.memory.PacketArena;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.memory.PacketBufferPool;
import cloud.runbeam.wgagent.engine.peer.Peer;
import java.util.function.Function;

/**
 * The agents of one device and the memory they share, put together.
 *
 * <pre>
 *              ┌──────────── DeviceTables (read) ────────────┐
 *   TUN ─▶ OutboundAgent ─▶ UDP               UDP ─▶ InboundAgent ─▶ TUN
 *              └─ask─▶ DeviceConductor on ConductorAgent ◀─ask─┘
 * </pre>
 *
 * @param tables what the packet threads read
 * @param outbound TUN to UDP
 * @param inbound UDP to TUN
 * @param conductor the slow half
 * @param stager what is left of its buffers can be watched
 * @param memory all packet memory of the device; closed last
 */
public record DevicePath(
    DeviceTables tables,
    OutboundAgent outbound,
    InboundAgent inbound,
    DeviceConductor conductor,
    FrameStager stager,
    PacketArena memory) {

  /**
   * Room for one super-packet sealed, or some 150 full-size packets: what one round reads at most.
   */
  private static final int PACKET_SLAB_BYTES = 4 * PacketBatch.MAX_FRAME_BYTES;

  /** The conductor sends a few packets at a time. */
  private static final int CONDUCTOR_SLAB_BYTES = 2 * PacketBatch.MAX_FRAME_BYTES;

  /** Packets in a batch: as many as wireguard-go takes per call. */
  private static final int BATCH_PACKETS = 128;

  private static final int CACHE_LINE_BYTES = 64;

  /** Staging for frames of ordinary MTUs; memory is touched only when used. */
  private static final int SMALL_BUFFERS = 2048;

  private static final int SMALL_BUFFER_BYTES = 2048;

  /** Staging for jumbo frames and super-packets. */
  private static final int LARGE_BUFFERS = 128;

  /** What a device is made of besides its TUN. */
  public record Parts(
      UdpTransport.Provider udp,
      MonotonicClock clock,
      WallClock wallClock,
      TimestampGuard timestamps,
      EntropySource entropy,
      KeyArena keys,
      AeadProvider aead) {}

  /** Puts the agents of one device together; nothing runs yet. */
  public static DevicePath assemble(TunDevice tun, Parts parts, ConductorAgent conductorAgent) {
    PacketArena memory = new PacketArena();
    DeviceTables tables = new DeviceTables();
    PacketBufferPool small = new PacketBufferPool(memory, SMALL_BUFFERS, SMALL_BUFFER_BYTES);
    PacketBufferPool large =
        new PacketBufferPool(memory, LARGE_BUFFERS, PacketBatch.MAX_FRAME_BYTES);
    FrameStager stager = new FrameStager(small, large);
    Quiescence outboundRounds = new Quiescence();
    Quiescence inboundRounds = new Quiescence();
    HandshakeQueue handshakes = new HandshakeQueue(conductorAgent.waker());
    String name = tun.name();
    OutboundAgent outbound =
        new OutboundAgent(
            "wg-out-" + name,
            tun,
            tables,
            parts.clock,
            outboundRounds,
            packets(memory, PACKET_SLAB_BYTES),
            sender(tun, tables, parts, memory, PACKET_SLAB_BYTES, Peer::sentByOutbound),
            stager);
    InboundAgent inbound =
        new InboundAgent(
            "wg-in-" + name,
            tun,
            tables,
            parts.clock,
            inboundRounds,
            new DatagramBatch(packets(memory, PACKET_SLAB_BYTES), BATCH_PACKETS),
            packets(memory, PACKET_SLAB_BYTES),
            parts.aead.newAead(),
            stager,
            handshakes);
    TransportSender conductorSender =
        sender(tun, tables, parts, memory, CONDUCTOR_SLAB_BYTES, Peer::sentByConductor);
    Identities identities = new Identities(parts);
    DeviceConductor conductor =
        new DeviceConductor(
            tun,
            tables,
            new DeviceSockets(parts.udp, tables),
            conductorSender,
            handshakes,
            new RetiredKeypairs(outboundRounds, inboundRounds),
            conductorAgent,
            identities,
            new Handshaker(tables, conductorSender, parts, identities));
    return new DevicePath(tables, outbound, inbound, conductor, stager, memory);
  }

  private static TransportSender sender(
      TunDevice tun,
      DeviceTables tables,
      Parts parts,
      PacketArena memory,
      int slabBytes,
      Function<Peer, PacketCounter> sent) {
    return new TransportSender(
        tables,
        tun.frameHeader(),
        parts.aead.newAead(),
        new DatagramBatch(packets(memory, slabBytes), BATCH_PACKETS),
        memory.allocate(PacketBatch.MAX_FRAME_BYTES, CACHE_LINE_BYTES),
        BATCH_PACKETS,
        sent);
  }

  private static PacketBatch packets(PacketArena memory, int bytes) {
    return new PacketBatch(memory.allocate(bytes, CACHE_LINE_BYTES), BATCH_PACKETS);
  }
}
