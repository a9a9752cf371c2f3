package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;
import cloud.runbeam.wgagent.engine.offload.InnerPackets;
import cloud.runbeam.wgagent.engine.offload.VirtioNetHeader;
import cloud.runbeam.wgagent.engine.peer.LocalIndex;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Two devices with a session between them, driven by one thread while the clock stands still.
 *
 * <pre>
 *   outbound round:  frames of the left TUN ─▶ route, seal ─▶ dropped by the wire
 *   inbound round:   datagrams that left once sealed ─▶ open, check, join ─▶ counted by the right TUN
 * </pre>
 *
 * Every round is {@value #PACKETS} packets, whatever the traffic.
 */
final class BenchTunnel implements AutoCloseable {
  /** Packets in a round: what a super-packet of full size holds. */
  static final int PACKETS = 46;

  private static final int ROUNDS_RECORDED = 96;
  private static final int LONGEST_DATAGRAM = 1_500;

  /** What the host sends. */
  enum Traffic {
    /** UDP packets of 64 bytes, each a frame. */
    SMALL(FrameHeader.NONE, PACKETS),
    /** TCP packets of 1,420 bytes, each a frame. */
    FULL(FrameHeader.NONE, PACKETS),
    /** TCP super-packets that are cut into packets of 1,420 bytes, and joined again. */
    SUPER(FrameHeader.VIRTIO_NET, 1);

    private final FrameHeader header;
    private final int framesPerRead;

    Traffic(FrameHeader header, int framesPerRead) {
      this.header = header;
      this.framesPerRead = framesPerRead;
    }

    private byte[] frame() {
      int segment = 1_420 - 52;
      return switch (this) {
        case SMALL -> InnerPackets.udp(false, 1, new byte[64 - 28]);
        case FULL -> InnerPackets.tcp(false, 1, 0x10, 1, new byte[segment]);
        case SUPER ->
            InnerPackets.superFrame(
                InnerPackets.tcp(false, 1, 0x10, 1, new byte[PACKETS * segment]),
                VirtioNetHeader.GSO_TCPV4,
                segment);
      };
    }
  }

  private final ManualClock clock = new ManualClock();
  private final BenchDevice left;
  private final BenchDevice right;

  BenchTunnel(Traffic traffic) throws IOException {
    Wire leftWire = new Wire(Endpoint.ipv4(0xC0000201, 51_820));
    Wire rightWire = new Wire(Endpoint.ipv4(0xC0000202, 51_820));
    Wire.connect(leftWire, rightWire);
    left = new BenchDevice("left", traffic.header, leftWire, clock);
    right = new BenchDevice("right", traffic.header, rightWire, clock);
    Peer toRight = left.addPeer(right.publicKey(), rightWire.address(), "10.0.0.2/32");
    Peer toLeft = right.addPeer(left.publicKey(), leftWire.address(), "10.0.0.1/32");
    left.tun().feed(MemorySegment.ofArray(traffic.frame()), traffic.framesPerRead);
    left.outbound();
    boolean busy = true;
    while (busy) {
      busy = left.settle();
      busy |= right.settle();
    }
    if (toRight.keypairs().current() == null || right.tun().framesWritten() == 0) {
      throw new IllegalStateException("no session came up");
    }
    record(toLeft);
  }

  private void record(Peer sender) throws IOException {
    Recording recording = new Recording(ROUNDS_RECORDED * PACKETS, LONGEST_DATAGRAM);
    left.wire().record(recording);
    while (!recording.isFull()) {
      left.outbound();
    }
    left.wire().drop();
    Keypair keypair = Objects.requireNonNull(sender.keypairs().current());
    LocalIndex index =
        Objects.requireNonNull(right.path().tables().indexes().get(keypair.localIndex()));
    // Another window for the same keys, as a new session would bring.
    recording.onRestart(() ->
        index.open(
            new Keypair(
                keypair.localIndex(),
                keypair.remoteIndex(),
                keypair.sendKey(),
                keypair.receiveKey(),
                true,
                clock.nowNs())));
    right.wire().play(recording, PACKETS);
  }

  /** Seals and sends {@value #PACKETS} packets. */
  void outboundRound() throws IOException {
    left.outbound();
  }

  /** Receives, opens and delivers {@value #PACKETS} packets. */
  void inboundRound() throws IOException {
    right.inbound();
  }

  /** Datagrams sealed so far. */
  long packetsSent() {
    return left.wire().sent();
  }

  /** Bytes of IP packets delivered so far. */
  long bytesDelivered() {
    return right.tun().bytesWritten();
  }

  /** Frames delivered so far; a super-packet is one. */
  long framesDelivered() {
    return right.tun().framesWritten();
  }

  @Override
  public void close() {
    left.close();
    right.close();
  }
}
