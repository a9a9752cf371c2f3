package cloud.runbeam.wgagent.engine.offload;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCoalescerTest {
  private static final int ACK = 0x10;
  private static final int ACK_PSH = 0x18;

  private final PacketBatch batch =
      new PacketBatch(MemorySegment.ofArray(new byte[4 * PacketBatch.MAX_FRAME_BYTES]), 128);
  private final FrameCoalescer coalescer = new FrameCoalescer(true);
  private int sequence = -3000;
  private int id = 1;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void joinsConsecutiveTcpSegmentsIntoWhatTheSegmenterWouldCutAgain(boolean ipv6) {
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      packets.add(segment(ipv6, i == 19 ? ACK_PSH : ACK, i == 19 ? 333 : 1388));
    }

    List<byte[]> frames = coalesce(packets);

    assertThat(frames).hasSize(1);
    assertThat(hex(cut(frames.getFirst()))).isEqualTo(hex(packets));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void joinsConsecutiveDatagrams(boolean ipv6) {
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      packets.add(InnerPackets.udp(ipv6, 40 + i, payload(i == 7 ? 20 : 1200)));
    }

    List<byte[]> frames = coalesce(packets);

    assertThat(frames).hasSize(1);
    assertThat(hex(cut(frames.getFirst()))).isEqualTo(hex(packets));
  }

  @Test
  void leavesDatagramsAloneWhereTheDeviceDoesNotTakeUdpSuperPackets() {
    FrameCoalescer tcpOnly = new FrameCoalescer(false);
    byte[] one = InnerPackets.udp(false, 1, payload(100));
    byte[] two = InnerPackets.udp(false, 2, payload(100));
    for (byte[] packet : List.of(one, two)) {
      place(packet);
      tcpOnly.add(batch, packet.length);
    }
    tcpOnly.finish(batch);

    assertThat(batch.size()).isEqualTo(2);
  }

  @Test
  void doesNotGrowBeyondTheLargestIpPacket() {
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      packets.add(segment(false, ACK, 1388));
    }

    List<byte[]> frames = coalesce(packets);

    assertThat(frames).hasSize(2);
    assertThat(frames).allMatch(frame -> frame.length - InnerPackets.VIRTIO <= 65_535);
    assertThat(hex(frames.stream().flatMap(frame -> cut(frame).stream()).toList()))
        .isEqualTo(hex(packets));
  }

  @Test
  void endsAFrameAtPush() {
    List<byte[]> packets = List.of(segment(false, ACK_PSH, 100), segment(false, ACK, 100));

    assertThat(coalesce(packets)).hasSize(2);
  }

  @Test
  void endsAFrameAtAShorterSegment() {
    List<byte[]> packets =
        List.of(segment(false, ACK, 1000), segment(false, ACK, 999), segment(false, ACK, 999));

    List<byte[]> frames = coalesce(packets);

    assertThat(frames).hasSize(2);
    assertThat(hex(cut(frames.getFirst()))).isEqualTo(hex(packets.subList(0, 2)));
  }

  @Test
  void keepsApartWhatDoesNotBelongTogether() {
    byte[] first = segment(false, ACK, 100);
    byte[] gap = InnerPackets.tcp(false, sequence + 1, ACK, 2, payload(100));
    assertKeptApart(first, gap, "a gap in the sequence");
    assertKeptApart(first, InnerPackets.tcp(false, sequence, 0x11, 2, payload(100)), "FIN");
    assertKeptApart(first, InnerPackets.tcp(false, sequence, 0x14, 2, payload(100)), "RST");
    assertKeptApart(first, InnerPackets.tcp(false, sequence, ACK, 2, payload(101)), "longer");
    assertKeptApart(first, InnerPackets.tcp(false, sequence, ACK, 2, payload(0)), "no payload");
    for (int offset : new int[] {1, 6, 8, 12, 16, 20, 22, 28, 44, 50}) {
      byte[] other = InnerPackets.tcp(false, sequence, ACK, 2, payload(100));
      other[offset] ^= 2;
      repair(other);
      assertKeptApart(first, other, "another byte at " + offset);
    }
    byte[] corrupt = InnerPackets.tcp(false, sequence, ACK, 2, payload(100));
    corrupt[70] ^= 1;
    assertKeptApart(first, corrupt, "a wrong checksum, which the host must see");
  }

  @Test
  void neverJoinsFragmentsOrOptions() {
    byte[] first = segment(false, ACK, 100);
    first[6] |= 0x20;
    repair(first);
    byte[] second = InnerPackets.tcp(false, sequence, ACK, 2, payload(100));
    second[6] |= 0x20;
    repair(second);
    assertKeptApart(first, second, "fragments");
  }

  @Test
  void survivesRandomPacketsAndNeverChangesThem() {
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      List<byte[]> packets = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        byte[] packet =
            random.nextBoolean()
                ? segment(random.nextInt(4) == 0, random.nextInt(4) == 0 ? ACK_PSH : ACK, 40)
                : InnerPackets.udp(random.nextBoolean(), i, payload(1 + random.nextInt(3)));
        if (random.nextInt(3) == 0) {
          // Not the length fields: the inbound path hands over as many bytes as they say.
          int at = 6 + random.nextInt(packet.length - 6);
          packet[at] ^= (byte) (1 << random.nextInt(8));
        }
        packets.add(packet);
      }
      List<byte[]> result = coalesce(packets).stream().flatMap(f -> cut(f).stream()).toList();
      assertThat(hex(result)).as("round %d", round).isEqualTo(hex(packets));
    }
  }

  private void assertKeptApart(byte[] one, byte[] other, String why) {
    assertThat(coalesce(List.of(one, other))).as(why).hasSize(2);
  }

  /** Corrects all checksums after a header was changed. */
  private static void repair(byte[] packet) {
    packet[10] = 0;
    packet[11] = 0;
    int ipSum = ~InnerPackets.naiveSum(packet, 0, 20, 0);
    packet[10] = (byte) (ipSum >>> 8);
    packet[11] = (byte) ipSum;
    packet[36] = 0;
    packet[37] = 0;
    int pseudo = InnerPackets.naivePseudoHeader(packet, false, packet[9], packet.length - 20);
    int sum = ~InnerPackets.naiveSum(packet, 20, packet.length, pseudo);
    packet[36] = (byte) (sum >>> 8);
    packet[37] = (byte) sum;
  }

  private byte[] segment(boolean ipv6, int flags, int bytes) {
    byte[] packet = InnerPackets.tcp(ipv6, sequence, flags, id++, payload(bytes));
    sequence += bytes;
    return packet;
  }

  private void place(byte[] packet) {
    MemorySegment.copy(
        packet,
        0,
        batch.memory(),
        ValueLayout.JAVA_BYTE,
        batch.position() + InnerPackets.VIRTIO,
        packet.length);
  }

  private List<byte[]> coalesce(List<byte[]> packets) {
    batch.clear();
    for (byte[] packet : packets) {
      place(packet);
      coalescer.add(batch, packet.length);
    }
    coalescer.finish(batch);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      frames.add(
          batch.memory().asSlice(batch.offset(i), batch.length(i)).toArray(ValueLayout.JAVA_BYTE));
    }
    return frames;
  }

  /** What the kernel makes of a frame: the packets it stands for. */
  private static List<byte[]> cut(byte[] frame) {
    FrameSegmenter segmenter = new FrameSegmenter();
    MemorySegment memory = MemorySegment.ofArray(frame);
    int count = frame[1] == 0 ? 1 : segmenter.begin(memory, 0, frame.length);
    if (count == 1) {
      return List.of(Arrays.copyOfRange(frame, InnerPackets.VIRTIO, frame.length));
    }
    List<byte[]> packets = new ArrayList<>();
    MemorySegment target = MemorySegment.ofArray(new byte[70_000]);
    for (int i = 0; i < count; i++) {
      packets.add(target.asSlice(0, segmenter.packet(i, target, 0)).toArray(ValueLayout.JAVA_BYTE));
    }
    return packets;
  }

  private static List<String> hex(List<byte[]> packets) {
    return packets.stream().map(HexFormat.of()::formatHex).toList();
  }

  private static byte[] payload(int bytes) {
    byte[] payload = new byte[bytes];
    new Random(bytes).nextBytes(payload);
    return payload;
  }
}
