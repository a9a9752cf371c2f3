package cloud.runbeam.wgagent.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EchoMessageTest {
  /** An echo request with eight bytes of data; both checksums computed apart from this project. */
  private static final String PING_IPV4 =
      "4500002400004000400144b1c6123501c6123502" + "08008e94000100015a5a5a5a5a5a5a5a";

  private static final byte[] NEAR_IPV4 = DemoAddresses.ipv4(0).nearAddress().getAddress();
  private static final byte[] FAR_IPV4 = DemoAddresses.ipv4(0).farAddress().getAddress();
  private static final byte[] NEAR_IPV6 = DemoAddresses.ipv6(0).nearAddress().getAddress();
  private static final byte[] FAR_IPV6 = DemoAddresses.ipv6(0).farAddress().getAddress();

  private static IpPacket packet(byte[] bytes) {
    return Objects.requireNonNull(IpPacket.parse(bytes));
  }

  private static EchoMessage message(IpPacket packet) {
    return Objects.requireNonNull(EchoMessage.parse(packet));
  }

  @ParameterizedTest
  @CsvSource({"ICMP,false", "ICMP,true", "UDP,false", "UDP,true"})
  void readsWhatItWrote(EchoMessage.Kind kind, boolean ipv6) {
    EchoMessage request =
        new EchoMessage(
            kind, true, 0x1234, kind == EchoMessage.Kind.UDP ? 0 : 7, new byte[] {1, 2, 3});
    IpPacket sent = request.toPacket(ipv6 ? NEAR_IPV6 : NEAR_IPV4, ipv6 ? FAR_IPV6 : FAR_IPV4);

    IpPacket received = packet(sent.toBytes());
    EchoMessage read = message(received);

    assertThat(read).usingRecursiveComparison().isEqualTo(request);
    assertThat(received.source()).isEqualTo(sent.source());
    assertThat(received.destination()).isEqualTo(sent.destination());
    assertThat(
            message(
                    packet(
                        read.reply()
                            .toPacket(
                                /* source= */ received.destination(),
                                /* destination= */ received.source())
                            .toBytes()))
                .request())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({"ICMP,false", "ICMP,true", "UDP,false", "UDP,true"})
  void ignoresEveryFlippedBit(EchoMessage.Kind kind, boolean ipv6) {
    byte[] frame =
        new EchoMessage(kind, true, 0x1234, 0, new byte[] {1, 2, 3, 4})
            .toPacket(ipv6 ? NEAR_IPV6 : NEAR_IPV4, ipv6 ? FAR_IPV6 : FAR_IPV4)
            .toBytes();
    int headerBytes = ipv6 ? 40 : 20;
    for (int bit = headerBytes * 8; bit < frame.length * 8; bit++) {
      byte[] damaged = frame.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      IpPacket packet = IpPacket.parse(damaged);
      assertThat(packet == null ? null : EchoMessage.parse(packet)).as("bit %d", bit).isNull();
    }
  }

  @Test
  void ignoresEveryShorterPacket() {
    byte[] frame =
        new EchoMessage(EchoMessage.Kind.UDP, true, 1, 0, new byte[] {1})
            .toPacket(NEAR_IPV6, FAR_IPV6)
            .toBytes();
    for (int length = 0; length < frame.length; length++) {
      assertThat(IpPacket.parse(Arrays.copyOf(frame, length))).as("%d bytes", length).isNull();
    }
  }

  @Test
  void ignoresFragmentsAndOptions() {
    byte[] whole =
        new EchoMessage(EchoMessage.Kind.ICMP, true, 1, 1, new byte[8])
            .toPacket(NEAR_IPV4, FAR_IPV4)
            .toBytes();
    byte[] fragment = whole.clone();
    fragment[6] = 0x20;
    byte[] options = whole.clone();
    options[0] = 0x46;

    assertThat(IpPacket.parse(whole)).isNotNull();
    assertThat(IpPacket.parse(fragment)).isNull();
    assertThat(IpPacket.parse(options)).isNull();
  }

  @Test
  void acceptsUdpOverIpv4WithoutChecksum() {
    IpPacket packet =
        new EchoMessage(EchoMessage.Kind.UDP, true, 40_000, 0, new byte[] {9})
            .toPacket(NEAR_IPV4, FAR_IPV4);
    packet.payload()[6] = 0;
    packet.payload()[7] = 0;

    assertThat(message(packet).identifier()).isEqualTo(40_000);
  }

  @Test
  void readsAnEchoRequestMadeElsewhere() {
    IpPacket ping = packet(HexFormat.of().parseHex(PING_IPV4));

    EchoMessage request = message(ping);

    assertThat(request.request()).isTrue();
    assertThat(request.identifier()).isEqualTo(1);
    assertThat(request.sequence()).isEqualTo(1);
    assertThat(request.data()).hasSize(8).containsOnly(0x5a);
  }
}
