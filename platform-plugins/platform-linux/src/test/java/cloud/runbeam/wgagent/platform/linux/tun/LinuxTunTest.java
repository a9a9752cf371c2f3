package cloud.runbeam.wgagent.platform.linux.tun;

import static cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkInterfaces;
import cloud.runbeam.wgagent.platform.linux.testkit.Batches;
import cloud.runbeam.wgagent.platform.linux.testkit.Packets;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import cloud.runbeam.wgagent.platform.linux.testkit.RecordingObserver;
import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** TUN devices of the real kernel, in a network namespace of their own. */
@Tag("root")
class LinuxTunTest {
  private static final String NAME = "wgt0";
  private static final int MTU_BYTES = 1420;

  private final PrivateNetwork network = new PrivateNetwork();
  private final NetlinkInterfaces interfaces = new NetlinkInterfaces();
  private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void end() {
    network.close();
    readers.shutdownNow();
  }

  private LinuxTun create(int mtuBytes, TunOptions options) {
    return network.call(() -> new TunFactory().create(NAME, mtuBytes, options));
  }

  private void setUp() {
    network.run(() -> {
      interfaces.addAddress(NAME, IpPrefix.ipv4(0x0A09_0001, 24));
      interfaces.setUp(NAME, true);
    });
  }

  /** Answers echo requests until the device ends; how many. */
  private Future<Integer> answerPings(LinuxTun tun) {
    return readers.submit(() -> {
      PacketBatch frames = Batches.packets(4, 64);
      PacketBatch replies = Batches.packets(4, 64);
      int header = tun.frameHeader().bytes();
      int answered = 0;
      while (tun.read(frames) > 0) {
        replies.clear();
        for (int i = 0; i < frames.size(); i++) {
          byte[] frame = Batches.bytes(frames, i);
          byte[] packet = Arrays.copyOfRange(frame, header, frame.length);
          if (Packets.isEchoRequest(packet)) {
            byte[] reply = Packets.echoReply(packet);
            byte[] whole = new byte[header + reply.length];
            System.arraycopy(reply, 0, whole, header, reply.length);
            Batches.append(replies, whole);
          }
        }
        answered += tun.write(replies);
      }
      return answered;
    });
  }

  /** How many of the echo requests of {@code ping} a device answers, which it ends. */
  private int answersTo(LinuxTun tun, String ping) {
    Future<Integer> answered;
    try {
      setUp();
      answered = answerPings(tun);
      network.sh(ping);
    } finally {
      tun.close();
    }
    return get(answered);
  }

  @Test
  void carriesFramesBothWays() {
    LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN);
    assertThat(answersTo(tun, "ping -q -c 3 -i 0.01 -W 5 10.9.0.2")).isEqualTo(3);
  }

  @Test
  void carriesJumboFrames() {
    LinuxTun tun = create(34_736, TunOptions.PLAIN);
    assertThat(tun.mtuBytes()).isEqualTo(34_736);
    String ping = "ping -q -c 2 -i 0.01 -W 5 -M do -s " + (34_736 - 28) + " 10.9.0.2";
    assertThat(answersTo(tun, ping)).isEqualTo(2);
  }

  @Test
  void carriesTheLargestFramesThereAre() {
    LinuxTun tun = create(65_535, TunOptions.PLAIN);
    String ping = "ping -q -c 1 -W 5 -M do -s " + (65_535 - 28) + " 10.9.0.2";
    assertThat(answersTo(tun, ping)).isEqualTo(1);
  }

  @Test
  void carriesFramesWithOffloadHeaders() {
    LinuxTun tun = create(MTU_BYTES, new TunOptions(true));
    assertThat(tun.frameHeader()).isEqualTo(FrameHeader.VIRTIO_NET);
    assertThat(answersTo(tun, "ping -q -c 3 -i 0.01 -W 5 10.9.0.2")).isEqualTo(3);
  }

  @Test
  void takesSeveralFramesAtOnce() throws IOException {
    try (LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN)) {
      setUp();
      network.sh("ip route add 10.10.0.0/16 dev " + NAME);
      // All three wait in the queue before the first read.
      network.sh("for i in 1 2 3; do ping -q -c 1 -W 0.01 10.10.0.$i; done; true");
      PacketBatch frames = Batches.packets(4, 64);
      int echoes = 0;
      int reads = 0;
      while (echoes < 3) {
        tun.read(frames);
        reads++;
        for (int i = 0; i < frames.size(); i++) {
          echoes += Packets.isEchoRequest(Batches.bytes(frames, i)) ? 1 : 0;
        }
      }
      assertThat(reads).isEqualTo(1);
    }
  }

  @Test
  void leavesFramesThatDoNotFitForTheNextRead() throws IOException {
    try (LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN)) {
      setUp();
      network.sh("for i in 1 2 3; do ping -q -c 1 -W 0.01 10.9.0.9; done; true");
      PacketBatch one = Batches.packets(1, 64);
      int echoes = 0;
      while (echoes < 3) {
        assertThat(tun.read(one)).isEqualTo(1);
        echoes += Packets.isEchoRequest(Batches.bytes(one, 0)) ? 1 : 0;
      }
    }
  }

  @Test
  void skipsFramesThatTheHostRefuses() throws IOException {
    try (LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN)) {
      byte[] packet = Packets.udp(0x0A09_0002, 1, 0x0A09_0001, 2, new byte[10]);
      PacketBatch frames = Batches.packets(1, 8);
      Batches.append(frames, packet);
      assertThat(tun.write(frames)).as("link down").isZero();
      setUp();
      Batches.append(frames, new byte[40]);
      Batches.append(frames, packet);
      assertThat(tun.write(frames)).as("the middle one is not IP").isEqualTo(2);
    }
  }

  @Test
  void closingWakesABlockedReaderAndRemovesTheInterface() throws Exception {
    LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN);
    Future<Integer> read = readers.submit(() -> tun.read(Batches.packets(1, 1)));
    assertThat(network.call(() -> interfaces.exists(NAME))).isTrue();
    tun.close();
    assertThat(network.call(() -> interfaces.exists(NAME))).isFalse();
    assertThat(get(read)).isEqualTo(-1);
    assertThat(tun.read(Batches.packets(1, 1))).isEqualTo(-1);
    assertThatThrownBy(() -> tun.write(Batches.packets(1, 1))).isInstanceOf(IOException.class);
    tun.close();
  }

  @Test
  void deletionFromOutsideEndsReadingAndIsToldOnce() throws Exception {
    LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN);
    RecordingObserver observer = new RecordingObserver();
    tun.observe(observer);
    Future<Integer> read = readers.submit(() -> tun.read(Batches.packets(1, 1)));
    network.sh("ip link delete " + NAME);
    assertThat(get(read)).isEqualTo(-1);
    assertThat(observer.next()).isEqualTo("deleted");
    PacketBatch frame = Batches.packets(1, 1);
    Batches.append(frame, Packets.udp(1, 1, 1, 1, new byte[1]));
    assertThatThrownBy(() -> tun.write(frame)).hasMessageContaining("was deleted");
    assertThat(tun.read(Batches.packets(1, 1))).isEqualTo(-1);
    tun.close();
    assertThat(observer.isQuiet()).isTrue();
  }

  @Test
  void tellsTheObserverWhatHappensToTheLink() {
    try (LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN)) {
      RecordingObserver observer = new RecordingObserver();
      tun.observe(observer);
      network.sh("ip link set wgt0 up");
      assertThat(observer.next()).isEqualTo("up");
      network.sh("ip link set wgt0 mtu 1400");
      assertThat(observer.next()).isEqualTo("mtu 1400");
      assertThat(tun.mtuBytes()).isEqualTo(1400);
      network.sh("ip link set wgt0 down && ip link set wgt0 name other0 && ip link set other0 up");
      assertThat(observer.next()).isEqualTo("down");
      assertThat(observer.next()).isEqualTo("up");
      assertThat(tun.name()).isEqualTo("other0");
      assertThatThrownBy(() -> tun.observe(observer)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void tellsALateObserverThatTheLinkIsUp() {
    try (LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN)) {
      setUp();
      RecordingObserver observer = new RecordingObserver();
      tun.observe(observer);
      assertThat(observer.next()).isEqualTo("up");
    }
  }

  @Test
  void closingIsNoDeletion() {
    LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN);
    RecordingObserver observer = new RecordingObserver();
    setUp();
    tun.observe(observer);
    assertThat(observer.next()).isEqualTo("up");
    tun.close();
    network.sh("ip link");
    assertThat(observer.isQuiet()).isTrue();
  }

  @Test
  void saysWhatToDoWhenTheNameIsTaken() {
    try (LinuxTun tun = create(MTU_BYTES, TunOptions.PLAIN)) {
      assertThat(tun.name()).isEqualTo(NAME);
      assertThatThrownBy(
              () -> network.call(() -> new TunFactory().create(NAME, 1420, TunOptions.PLAIN)))
          .cause()
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("cannot create TUN device wgt0: ioctl TUNSETIFF: EBUSY")
          .hasMessageContaining("choose another");
    }
    network.sh("ip link add veth7 type veth peer name veth8");
    assertThatThrownBy(
            () -> network.call(() -> new TunFactory().create("veth7", 1420, TunOptions.PLAIN)))
        .cause()
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("the name is taken");
  }

  @Test
  void leavesNoDescriptorsBehind() {

    long before = descriptors();
    for (int i = 0; i < 50; i++) {
      create(MTU_BYTES, TunOptions.PLAIN).close();
    }
    assertThat(descriptors()).isLessThan(before + 25);
  }

  private static long descriptors() {
    String[] names = new File("/proc/self/fd").list();
    return names == null ? 0 : names.length;
  }
}
