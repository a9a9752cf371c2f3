package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.offload.FrameCoalescer;
import cloud.runbeam.wgagent.engine.offload.FrameSegmenter;
import cloud.runbeam.wgagent.engine.offload.InnerPackets;
import cloud.runbeam.wgagent.engine.offload.VirtioNetHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A TCP super-packet of 63 KB: cut into packets of 1,420 bytes, and joined from them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OffloadBenchmark {
  private static final int PACKETS = 46;

  /** Inside the super-packet. */
  @Param({"4", "6"})
  public int ipVersion;

  private final MemorySegment frame = Arena.ofAuto().allocate(PacketBatch.MAX_FRAME_BYTES, 64);
  private final MemorySegment scratch = Arena.ofAuto().allocate(PacketBatch.MAX_FRAME_BYTES, 64);
  private final PacketBatch joined =
      new PacketBatch(Arena.ofAuto().allocate(2 * PacketBatch.MAX_FRAME_BYTES, 64), 128);
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final FrameCoalescer coalescer = new FrameCoalescer(true);
  private byte[][] packets = new byte[0][];
  private int frameBytes;

  /** Makes the super-packet and what it is cut into. */
  @Setup
  public void prepare() {
    boolean ipv6 = ipVersion == 6;
    int segment = 1_420 - (ipv6 ? 72 : 52);
    byte[] whole =
        InnerPackets.superFrame(
            InnerPackets.tcp(ipv6, 1, 0x10, 1, new byte[PACKETS * segment]),
            ipv6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4,
            segment);
    frameBytes = whole.length;
    MemorySegment.copy(whole, 0, frame, ValueLayout.JAVA_BYTE, 0, frameBytes);
    packets = new byte[segmenter.begin(frame, 0, frameBytes)][];
    for (int i = 0; i < packets.length; i++) {
      int bytes = segmenter.packet(i, scratch, 0);
      packets[i] = scratch.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** All packets, one after another, into the same place, as they are sealed from there. */
  @Benchmark
  public int segment() {
    int count = segmenter.begin(frame, 0, frameBytes);
    int bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += segmenter.packet(i, scratch, 0);
    }
    return bytes;
  }

  /** Each packet copied to where it would be decrypted to, checked and joined. */
  @Benchmark
  public int coalesce() {
    joined.clear();
    for (byte[] packet : packets) {
      MemorySegment.copy(
          packet,
          0,
          joined.memory(),
          ValueLayout.JAVA_BYTE,
          joined.position() + VirtioNetHeader.BYTES,
          packet.length);
      coalescer.add(joined, packet.length);
    }
    coalescer.finish(joined);
    if (joined.size() != 1) {
      throw new IllegalStateException("not joined: " + joined.size());
    }
    return joined.length(0);
  }
}
