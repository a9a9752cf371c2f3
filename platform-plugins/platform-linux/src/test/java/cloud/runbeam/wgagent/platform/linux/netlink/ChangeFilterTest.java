package cloud.runbeam.wgagent.platform.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import cloud.runbeam.wgagent.platform.api.NetworkChange.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangeFilterTest {
  private final ChangeFilter filter = new ChangeFilter();

  private void read(NetlinkRequest message) {
    NetlinkMessage.parse(message.encode(0)).forEach(filter::read);
  }

  private static NetlinkRequest link(int type, int flags) {
    return NetlinkRequest.link(type, 0, 7)
        .linkFlags(flags, 0)
        .put(Rtnetlink.IFLA_IFNAME, "eth0")
        .put(Rtnetlink.IFLA_MTU, 1500);
  }

  @Test
  void namesTheInterfaceOfAnIndexAndForgetsItWithTheLink() {
    read(link(Rtnetlink.RTM_NEWLINK, Rtnetlink.IFF_UP));
    assertThat(filter.take().orElseThrow().interfaces()).containsExactly("eth0");
    read(link(Rtnetlink.RTM_DELLINK, 0));
    assertThat(filter.take().orElseThrow().interfaces()).containsExactly("eth0");
    read(
        NetlinkRequest.address(Rtnetlink.RTM_DELADDR, 0, Rtnetlink.AF_INET, 24, 7)
            .put(Rtnetlink.IFA_LOCAL, new byte[] {10, 0, 0, 1}));
    assertThat(filter.take().orElseThrow().interfaces()).containsExactly("#7");
  }

  @Test
  void noticesACarrierThatComes() {
    read(link(Rtnetlink.RTM_NEWLINK, Rtnetlink.IFF_UP));
    filter.forget();
    read(link(Rtnetlink.RTM_NEWLINK, Rtnetlink.IFF_UP));
    assertThat(filter.take()).isEmpty();
    read(link(Rtnetlink.RTM_NEWLINK, Rtnetlink.IFF_UP | Rtnetlink.IFF_RUNNING));
    assertThat(filter.take().orElseThrow().kinds()).isEqualTo(Set.of(Kind.LINK));
  }

  @Test
  void survivesAnyMessages() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int[] types = {16, 17, 20, 21, 24, 25, 32, 33};
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = new byte[16 + random.nextInt(120)];
      random.nextBytes(bytes);
      ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
      header.putInt(0, bytes.length);
      header.putShort(4, (short) types[random.nextInt(types.length)]);
      // Attributes with lengths and types that are often right.
      for (int at = 16 + 4 * random.nextInt(4); at + 4 <= bytes.length; ) {
        int length = random.nextInt(24);
        header.putShort(at, (short) length).putShort(at + 2, (short) random.nextInt(20));
        at += Math.max(4, (length + 3) & -4);
      }
      assertThatCode(() -> NetlinkMessage.parse(bytes).forEach(filter::read))
          .as("seed %s round %s", seed, round)
          .doesNotThrowAnyException();
      filter.take();
    }
  }
}
