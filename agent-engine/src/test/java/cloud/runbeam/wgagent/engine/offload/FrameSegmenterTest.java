package cloud.runbeam.wgagent.engine.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameSegmenterTest {
  private static final int ACK_PSH_FIN = 0x19;

  private final FrameSegmenter segmenter = new FrameSegmenter();

  @ParameterizedTest
  @CsvSource({
    "false,1388,60000",
    "true,1368,60000",
    "false,1388,1389",
    "true,500,5000",
    "false,1388,2776"
  })
  void cutsTcpIntoThePacketsTheKernelWouldHaveSent(boolean ipv6, int gsoSize, int payloadBytes) {
    byte[] payload = payload(payloadBytes);
    int type = ipv6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4;
    byte[] whole = InnerPackets.tcp(ipv6, -1000, ACK_PSH_FIN | 0x80, 65_530, payload);

    List<byte[]> packets = cut(InnerPackets.superFrame(whole, type, gsoSize));

    assertThat(packets).hasSize(Math.ceilDiv(payloadBytes, gsoSize));
    for (int i = 0; i < packets.size(); i++) {
      int from = i * gsoSize;
      boolean last = i == packets.size() - 1;
      int flags = (last ? ACK_PSH_FIN : 0x10) | (i == 0 ? 0x80 : 0);
      byte[] piece = Arrays.copyOfRange(payload, from, Math.min(payloadBytes, from + gsoSize));
      assertThat(packets.get(i))
          .as("packet %d", i)
          .isEqualTo(InnerPackets.tcp(ipv6, -1000 + from, flags, 65_530 + i, piece));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cutsUdpIntoDatagrams(boolean ipv6) {
    byte[] payload = payload(5000);
    byte[] whole = InnerPackets.udp(ipv6, 9, payload);

    List<byte[]> packets = cut(InnerPackets.superFrame(whole, VirtioNetHeader.GSO_UDP_L4, 1200));

    assertThat(packets).hasSize(5);
    for (int i = 0; i < packets.size(); i++) {
      byte[] piece = Arrays.copyOfRange(payload, i * 1200, Math.min(5000, (i + 1) * 1200));
      assertThat(packets.get(i)).isEqualTo(InnerPackets.udp(ipv6, 9 + i, piece));
    }
  }

  @Test
  void completesTheChecksumOfAPlainPacketInPlace() {
    byte[] packet = InnerPackets.tcp(false, 1, 0x18, 1, payload(99));
    byte[] frame = InnerPackets.superFrame(packet, VirtioNetHeader.GSO_NONE, 0);
    MemorySegment memory = MemorySegment.ofArray(frame);

    int packets = segmenter.begin(memory, 0, frame.length);

    assertThat(packets).isOne();
    assertThat(Arrays.copyOfRange(frame, InnerPackets.VIRTIO, frame.length)).isEqualTo(packet);
  }

  @Test
  void refusesHeadersThatContradictEachOther() {
    byte[] tcp = InnerPackets.tcp(false, 1, 0x10, 1, payload(3000));
    byte[] good = InnerPackets.superFrame(tcp, VirtioNetHeader.GSO_TCPV4, 1000);
    assertThat(begin(good)).isEqualTo(3);

    assertThat(begin(with(good, 4, 0))).as("gso size 0").isEqualTo(-1);
    assertThat(begin(with(good, 4, 20))).as("more packets than honest").isEqualTo(-1);
    assertThat(begin(with(good, 6, 4000))).as("transport header behind the end").isEqualTo(-1);
    assertThat(begin(with(good, 6, 10))).as("transport header in the IP header").isEqualTo(-1);
    byte[] wrongType = good.clone();
    wrongType[1] = VirtioNetHeader.GSO_TCPV6;
    assertThat(begin(wrongType)).as("IPv6 segmentation of IPv4").isEqualTo(-1);
    byte[] shortOffset = good.clone();
    shortOffset[InnerPackets.VIRTIO + 20 + 12] = 4 << 4;
    assertThat(begin(shortOffset)).as("TCP data offset below 5").isEqualTo(-1);
    assertThat(begin(Arrays.copyOf(good, 200))).as("shorter than its IP header says").isEqualTo(-1);
    byte[] plain = InnerPackets.superFrame(tcp, VirtioNetHeader.GSO_NONE, 0);
    assertThat(begin(with(plain, 8, 5000))).as("checksum field behind the end").isEqualTo(-1);
  }

  private int begin(byte[] frame) {
    return segmenter.begin(MemorySegment.ofArray(frame), 0, frame.length);
  }

  private static byte[] with(byte[] frame, int offset, int value) {
    byte[] changed = frame.clone();
    ByteBuffer.wrap(changed)
        .order(java.nio.ByteOrder.nativeOrder())
        .putShort(offset, (short) value);
    return changed;
  }

  private List<byte[]> cut(byte[] frame) {
    MemorySegment memory = MemorySegment.ofArray(frame);
    MemorySegment target = MemorySegment.ofArray(new byte[70_000]);
    int count = segmenter.begin(memory, 0, frame.length);
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int bytes = segmenter.packet(i, target, 3);
      packets.add(target.asSlice(3, bytes).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    }
    return packets;
  }

  private static byte[] payload(int bytes) {
    byte[] payload = new byte[bytes];
    new Random(bytes).nextBytes(payload);
    return payload;
  }
}
