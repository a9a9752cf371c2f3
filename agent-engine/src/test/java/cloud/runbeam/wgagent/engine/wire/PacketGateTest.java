package cloud.runbeam.wgagent.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PacketGateTest {
  private final MemorySegment datagram = MemorySegment.ofArray(new byte[3_000]);

  @Test
  void layoutsHaveTheLengthsOfThePaper() {
    assertThat(InitiationLayout.BYTES).isEqualTo(148);
    assertThat(ResponseLayout.BYTES).isEqualTo(92);
    assertThat(CookieReplyLayout.BYTES).isEqualTo(64);
    assertThat(TransportLayout.CIPHERTEXT).isEqualTo(16);
    assertThat(TransportLayout.MIN_BYTES).isEqualTo(32);
    assertThat(MacLayout.mac1(148)).isEqualTo(InitiationLayout.MACS).isEqualTo(116);
    assertThat(MacLayout.mac2(148)).isEqualTo(132);
    assertThat(MacLayout.mac1(92)).isEqualTo(ResponseLayout.MACS).isEqualTo(60);
    assertThat(MacLayout.mac2(92)).isEqualTo(76);
  }

  @Test
  void acceptsHandshakeMessagesOfExactlyTheirLength() {
    for (Map.Entry<Integer, Integer> type : Map.of(1, 148, 2, 92, 3, 64).entrySet()) {
      setType(type.getKey());
      for (int length = 0; length <= 200; length++) {
        assertThat(PacketGate.classify(datagram, 0, length))
            .as("type %d, %d bytes", type.getKey(), length)
            .isEqualTo(length == type.getValue() ? type.getKey() : PacketGate.MALFORMED);
      }
    }
  }

  @Test
  void acceptsTransportMessagesFromAnEmptyPacketOn() {
    setType(4);
    for (int length = 0; length <= 3_000; length++) {
      assertThat(PacketGate.classify(datagram, 0, length))
          .as("%d bytes", length)
          .isEqualTo(length < 32 ? PacketGate.MALFORMED : MessageType.TRANSPORT);
    }
  }

  @Test
  void refusesUnknownTypesAndReservedBits() {
    for (int length : new int[] {32, 64, 92, 148, 1_500}) {
      for (int type = 0; type < 256; type++) {
        setType(type);
        if (type < 1 || type > 4) {
          assertThat(PacketGate.classify(datagram, 0, length)).isEqualTo(PacketGate.MALFORMED);
        }
      }
      for (int type = 1; type <= 4; type++) {
        for (int bit = 8; bit < 32; bit++) {
          setType(type | (1 << bit));
          assertThat(PacketGate.classify(datagram, 0, length)).isEqualTo(PacketGate.MALFORMED);
        }
      }
    }
  }

  @Test
  void looksAtTheDatagramWhereverItLies() {
    datagram.set(LittleEndian.INT, 77, MessageType.RESPONSE);
    assertThat(PacketGate.classify(datagram, 77, 92)).isEqualTo(MessageType.RESPONSE);
    assertThat(PacketGate.classify(datagram, 76, 92)).isEqualTo(PacketGate.MALFORMED);
  }

  @Test
  void doesNotReadBehindATruncatedDatagram() {
    MemorySegment short3 = MemorySegment.ofArray(new byte[] {4, 0, 0});
    assertThat(PacketGate.classify(short3, 0, 3)).isEqualTo(PacketGate.MALFORMED);
    assertThat(PacketGate.classify(short3, 0, 0)).isEqualTo(PacketGate.MALFORMED);
    assertThat(PacketGate.classify(short3, 0, -1)).isEqualTo(PacketGate.MALFORMED);
  }

  @Test
  void headersAreLittleEndianAndWhereThePaperPutsThem() {
    TransportLayout.begin(datagram, 8, 0x04030201, 0x0C0B0A0908070605L);
    assertThat(bytes(8, 16)).containsExactly(4, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assertThat(TransportLayout.receiverIndex(datagram, 8)).isEqualTo(0x04030201);
    assertThat(TransportLayout.counter(datagram, 8)).isEqualTo(0x0C0B0A0908070605L);
    assertThat(PacketGate.classify(datagram, 8, 32)).isEqualTo(MessageType.TRANSPORT);

    datagram.fill((byte) 0x77);
    InitiationLayout.begin(datagram, 8, 0x04030201);
    assertThat(bytes(8, 9)).containsExactly(1, 0, 0, 0, 1, 2, 3, 4, 0x77);
    assertThat(InitiationLayout.senderIndex(datagram, 8)).isEqualTo(0x04030201);
    assertThat(bytes(8 + 115, 34)).startsWith(0x77, 0).endsWith(0, 0x77);
    assertThat(bytes(8 + 116, 32)).containsOnly(0);
    assertThat(PacketGate.classify(datagram, 8, 148)).isEqualTo(MessageType.INITIATION);

    datagram.fill((byte) 0x77);
    ResponseLayout.begin(datagram, 8, 0x04030201, 0x08070605);
    assertThat(bytes(8, 13)).containsExactly(2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x77);
    assertThat(ResponseLayout.senderIndex(datagram, 8)).isEqualTo(0x04030201);
    assertThat(ResponseLayout.receiverIndex(datagram, 8)).isEqualTo(0x08070605);
    assertThat(bytes(8 + 60, 32)).containsOnly(0);
    assertThat(PacketGate.classify(datagram, 8, 92)).isEqualTo(MessageType.RESPONSE);

    CookieReplyLayout.begin(datagram, 8, 0x04030201);
    assertThat(bytes(8, 8)).containsExactly(3, 0, 0, 0, 1, 2, 3, 4);
    assertThat(CookieReplyLayout.receiverIndex(datagram, 8)).isEqualTo(0x04030201);
    assertThat(PacketGate.classify(datagram, 8, 64)).isEqualTo(MessageType.COOKIE_REPLY);
  }

  private void setType(int type) {
    datagram.set(LittleEndian.INT, 0, type);
  }

  private byte[] bytes(int offset, int length) {
    return datagram.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
