package cloud.runbeam.wgagent.engine.offload;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;

/** Frames whose headers contradict one another in any way are refused, or cut within bounds. */
class FrameSegmenterFuzzTest {
  private static final MemorySegment SCRATCH =
      MemorySegment.ofArray(new byte[PacketBatch.MAX_FRAME_BYTES]);

  @FuzzTest(maxDuration = "60s")
  void cutsWithinBounds(FuzzedDataProvider data) {
    byte[] frame = data.consumeBoolean() ? changedSuperFrame(data) : data.consumeRemainingAsBytes();
    FrameSegmenter segmenter = new FrameSegmenter();
    if (frame.length <= VirtioNetHeader.BYTES) {
      return; // a TUN device delivers no such frame
    }
    int packets = segmenter.begin(MemorySegment.ofArray(frame), 0, frame.length);
    assertThat(packets).isBetween(-1, 128).isNotZero();
    for (int i = 0; i < packets && packets > 1; i++) {
      int bytes = segmenter.packet(i, SCRATCH, 0);
      assertThat(bytes).isBetween(IpHeader.IPV4_BYTES, frame.length);
      assertThat(IpHeader.packetBytes(SCRATCH, 0, bytes)).isEqualTo(bytes);
    }
  }

  private static byte[] changedSuperFrame(FuzzedDataProvider data) {
    boolean ipv6 = data.consumeBoolean();
    boolean udp = data.consumeBoolean();
    byte[] payload = new byte[data.consumeInt(1, 3_000)];
    byte[] packet =
        udp
            ? InnerPackets.udp(ipv6, 1, payload)
            : InnerPackets.tcp(ipv6, 1, data.consumeInt(0, 255), 1, payload);
    int type =
        udp
            ? VirtioNetHeader.GSO_UDP_L4
            : ipv6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4;
    byte[] frame = InnerPackets.superFrame(packet, type, data.consumeInt(0, 65_535));
    int changes = data.consumeInt(0, 3);
    for (int i = 0; i < changes; i++) {
      frame[data.consumeInt(0, Math.min(frame.length - 1, 100))] = data.consumeByte();
    }
    return frame;
  }
}
