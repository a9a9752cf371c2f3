package cloud.runbeam.wgagent.platform.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NetlinkMessageTest {
  private static ByteBuffer message(byte[] target, int type, int flags) {
    return ByteBuffer.wrap(target)
        .order(ByteOrder.nativeOrder())
        .putInt(target.length)
        .putShort((short) type)
        .putShort((short) flags)
        .putInt(7)
        .putInt(0);
  }

  @Test
  void readsWhatARequestWrites() {
    byte[] bytes =
        NetlinkRequest.link(Rtnetlink.RTM_NEWLINK, Rtnetlink.NLM_F_ACK, 5)
            .linkFlags(Rtnetlink.IFF_UP, Rtnetlink.IFF_UP)
            .put(Rtnetlink.IFLA_IFNAME, "wg0")
            .put(Rtnetlink.IFLA_MTU, 1420)
            .encode(99);
    List<NetlinkMessage> messages = NetlinkMessage.parse(bytes);
    assertThat(messages).hasSize(1);
    NetlinkMessage message = messages.getFirst();
    assertThat(message.type()).isEqualTo(Rtnetlink.RTM_NEWLINK);
    assertThat(message.flags()).isEqualTo(Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_REQUEST);
    assertThat(message.sequence()).isEqualTo(99);
    assertThat(Link.of(message)).contains(new Link(5, "wg0", 1420, true));
  }

  /** What {@code ip link set mtu 1420} asks for of the interface with index 5. */
  @Test
  void writesRequestsByteForByte() {
    byte[] bytes =
        NetlinkRequest.link(Rtnetlink.RTM_NEWLINK, Rtnetlink.NLM_F_ACK, 5)
            .put(Rtnetlink.IFLA_MTU, 1420)
            .encode(1);
    ByteBuffer expected = ByteBuffer.allocate(40).order(ByteOrder.nativeOrder());
    expected.putInt(40).putShort((short) 16).putShort((short) 5).putInt(1).putInt(0);
    expected.put((byte) 0).put((byte) 0).putShort((short) 0).putInt(5).putInt(0).putInt(0);
    expected.putShort((short) 8).putShort((short) 4).putInt(1420);
    assertThat(bytes).isEqualTo(expected.array());
  }

  @Test
  void readsTheKernelsWordsBehindAnError() {
    byte[] words = "Route already exists\0".getBytes(StandardCharsets.US_ASCII);
    int flags = Rtnetlink.NLM_F_CAPPED | Rtnetlink.NLM_F_ACK_TLVS;
    byte[] reply = new byte[16 + 4 + 16 + 4 + 24];
    ByteBuffer bytes = message(reply, Rtnetlink.NLMSG_ERROR, flags);
    bytes.putInt(-Errno.EEXIST).putInt(60).put(new byte[12]);
    bytes.putShort((short) (4 + words.length)).putShort((short) 1).put(words);
    NetlinkMessage message = NetlinkMessage.parse(reply).getFirst();
    assertThat(message.errno()).isEqualTo(Errno.EEXIST);
    assertThat(message.errorText()).contains("Route already exists");
  }

  @Test
  void findsTheWordsBehindAnEchoedRequest() {
    byte[] reply = new byte[16 + 4 + 24 + 4 + 4];
    ByteBuffer bytes = message(reply, Rtnetlink.NLMSG_ERROR, Rtnetlink.NLM_F_ACK_TLVS);
    bytes.putInt(-1).putInt(24).put(new byte[20]);
    bytes.putShort((short) 7).putShort((short) 1).put(new byte[] {'n', 'o', 0, 0});
    assertThat(NetlinkMessage.parse(reply).getFirst().errorText()).contains("no");
  }

  @Test
  void stopsAtATornMessage() {
    byte[] whole = NetlinkRequest.link(Rtnetlink.RTM_GETLINK, 0, 1).encode(1);
    byte[] two = ByteBuffer.allocate(whole.length * 2).put(whole).put(whole).array();
    assertThat(NetlinkMessage.parse(two)).hasSize(2);
    assertThat(NetlinkMessage.parse(Arrays.copyOf(two, two.length - 1))).hasSize(1);
    assertThat(NetlinkMessage.parse(new byte[15])).isEmpty();
  }

  @Test
  void survivesAnyBytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (bytes.length >= 16 && random.nextBoolean()) {
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        header.putInt(0, random.nextInt(bytes.length + 4));
        header.putShort(4, (short) random.nextInt(28));
      }
      assertThatCode(
              () -> {
                for (NetlinkMessage message : NetlinkMessage.parse(bytes)) {
                  assertThat(message.errorText()).isNotNull();
                  assertThat(Link.of(message)).isNotNull();
                  assertThat(message.nestedInt(12, 8, 2)).isNotNull();
                  assertThat(message.intAt(300)).isZero();
                }
              })
          .as("seed %s round %s", seed, round)
          .doesNotThrowAnyException();
    }
  }
}
