package cloud.runbeam.wgagent.platform.linux.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.engine.io.UdpTransport.Sender;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.testkit.Batches;
import cloud.runbeam.wgagent.platform.linux.testkit.Packets;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import cloud.runbeam.wgagent.platform.linux.testkit.ScriptedCalls;
import cloud.runbeam.wgagent.platform.linux.tun.LinuxTun;
import cloud.runbeam.wgagent.platform.linux.tun.TunFactory;
import cloud.runbeam.wgagent.platform.linux.tun.TunOptions;
import cloud.runbeam.wgagent.platform.linux.udp.UdpPair.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** UDP sockets of the real kernel, in a network namespace of their own. */
@Tag("root")
class LinuxUdpTest {
  private static final int LOOPBACK = 0x7F00_0001;

  private final PrivateNetwork network = new PrivateNetwork();
  private final ExecutorService receivers = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void end() {
    network.close();
    receivers.shutdownNow();
  }

  private UdpPair pair() {
    return new UdpPair(network, new LinuxUdp(), new LinuxUdp());
  }

  private static Endpoint ipv4(int address, LinuxUdpTransport transport) {
    return Endpoint.ipv4(address, transport.localPort());
  }

  private static Endpoint ipv6Loopback(LinuxUdpTransport transport) {
    return Endpoint.ipv6(0, 1, transport.localPort(), 0);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void carriesIpv4AndIpv6OverOneSocket() {
    try (UdpPair pair = pair()) {
      assertThat(pair.sendFromLeft(ipv4(LOOPBACK, pair.right), text("four")))
          .containsExactly(SendOutcome.SENT);
      Received four = UdpPair.receiveOne(pair.right);
      assertThat(four.bytes()).isEqualTo(text("four"));
      assertThat(four.origin()).hasToString("127.0.0.1:" + pair.left.localPort());
      assertThat(four.origin().sourceLow()).isEqualTo(0xFFFF_7F00_0001L);

      assertThat(pair.sendFromLeft(ipv6Loopback(pair.right), text("six")))
          .containsExactly(SendOutcome.SENT);
      Received six = UdpPair.receiveOne(pair.right);
      assertThat(six.bytes()).isEqualTo(text("six"));
      assertThat(six.origin()).hasToString("[::1]:" + pair.left.localPort());
      assertThat(six.origin().sourceLow()).isEqualTo(1);

      for (Received received : List.of(four, six)) {
        assertThat(pair.sendFromRight(received.origin(), received.bytes()))
            .containsExactly(SendOutcome.SENT);
        assertThat(UdpPair.receiveOne(pair.left).bytes()).isEqualTo(received.bytes());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  void carriesBatchesWholeAndInOrder(boolean ipv6, boolean offloads) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    LinuxUdp provider = new LinuxUdp(SystemCalls::new, ipv6, offloads);
    try (UdpPair pair = new UdpPair(network, provider, provider)) {
      for (int round = 0; round < 20; round++) {
        List<byte[]> sent = new ArrayList<>();
        DatagramBatch batch = Batches.datagrams(8, 128);
        Endpoint toRight = ipv4(LOOPBACK, pair.right);
        Endpoint other = ipv6 ? ipv6Loopback(pair.right) : ipv4(LOOPBACK + 1, pair.right);
        while (batch.size() < 128) {
          // Runs of one length, as transport data comes, with a shorter end now and then.
          int length = 1 + random.nextInt(1_452);
          int run = Math.min(1 + random.nextInt(20), 128 - batch.size());
          Endpoint destination = random.nextInt(4) == 0 ? other : toRight;
          for (int i = 0; i < run; i++) {
            boolean last = i == run - 1;
            byte[] bytes = new byte[last ? 1 + random.nextInt(length) : length];
            random.nextBytes(bytes);
            if (random.nextBoolean()) {
              batch.packets().alignPosition(16);
            }
            Batches.append(batch, bytes, destination);
            sent.add(bytes);
          }
        }
        assertThat(pair.sendFromLeft(batch)).as("seed %s", seed).isZero();
        List<Received> received = UdpPair.receive(pair.right, sent.size(), 128);
        assertThat(received)
            .as("seed %s", seed)
            .extracting(Received::bytes)
            .containsExactlyElementsOf(sent);
      }
      String state = offloads ? "on" : "off: switched off";
      assertThat(pair.left.sendOffload()).startsWith(state);
      assertThat(pair.right.receiveOffload()).startsWith(state);
    }
  }

  @Test
  void sendsNeighboursOfOneLengthAsATrain() {
    ScriptedCalls calls = new ScriptedCalls();
    LinuxUdp counting = new LinuxUdp(() -> calls, true, true);
    try (UdpPair pair =
        new UdpPair(network, counting, new LinuxUdp(SystemCalls::new, true, false))) {
      byte[][] datagrams = new byte[40][1_000];
      pair.sendFromLeft(ipv4(LOOPBACK, pair.right), datagrams);
      assertThat(calls.sends()).isEqualTo(1);
      assertThat(calls.lastSendCount()).as("messages").isEqualTo(1);
      assertThat(UdpPair.receive(pair.right, 40, 64)).hasSize(40);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 64})
  void deliversTrainsLongerThanTheBatchOverSeveralReceives(int capacity) {
    try (UdpPair pair = pair()) {
      byte[][] datagrams = new byte[60][100];
      for (int i = 0; i < datagrams.length; i++) {
        datagrams[i][0] = (byte) i;
      }
      pair.sendFromLeft(ipv4(LOOPBACK, pair.right), datagrams);
      pair.sendFromLeft(ipv6Loopback(pair.right), datagrams);
      List<Received> received = UdpPair.receive(pair.right, 120, capacity);
      for (int i = 0; i < 120; i++) {
        assertThat(received.get(i).bytes()).isEqualTo(datagrams[i % 60]);
        assertThat(received.get(i).origin().isIpv4()).isEqualTo(i < 60);
      }
      assertThat(pair.right.discarded()).isZero();
    }
  }

  @Test
  void carriesTheLongestDatagramsWhole() {
    try (UdpPair pair = pair()) {
      byte[] longest = new byte[65_507];
      new Random(1).nextBytes(longest);
      assertThat(pair.sendFromLeft(ipv4(LOOPBACK, pair.right), longest, longest, longest))
          .containsOnly(SendOutcome.SENT);
      assertThat(UdpPair.receive(pair.right, 3, 64))
          .allSatisfy(received -> assertThat(received.bytes()).isEqualTo(longest));
      assertThat(pair.sendFromLeft(ipv4(LOOPBACK, pair.right), new byte[65_508]))
          .containsExactly(SendOutcome.TOO_LARGE);
    }
  }

  @Test
  void deliversEmptyDatagrams() {
    try (UdpPair pair = pair()) {
      assertThat(pair.sendFromLeft(ipv4(LOOPBACK, pair.right), new byte[0], text("x")))
          .containsOnly(SendOutcome.SENT);
      assertThat(UdpPair.receive(pair.right, 2, 64))
          .extracting(Received::bytes)
          .containsExactly(new byte[0], text("x"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersFromTheAddressThatWasAsked(boolean ipv6Socket) {
    network.sh("ip address add 10.1.0.1/32 dev lo && ip address add 10.1.0.2/32 dev lo");
    LinuxUdp provider = new LinuxUdp(SystemCalls::new, ipv6Socket, true);
    try (UdpPair pair = new UdpPair(network, new LinuxUdp(), provider)) {
      long first = 0xFFFF_0A01_0001L;
      long second = 0xFFFF_0A01_0002L;
      Endpoint asking = new Endpoint(0, second, pair.right.localPort(), 0, 0, first, 0);
      pair.sendFromLeft(asking, text("hello"));
      Received asked = UdpPair.receiveOne(pair.right);
      assertThat(pair.sendFromRight(asked.origin(), text("hello"), text("again")))
          .containsOnly(SendOutcome.SENT);
      assertThat(UdpPair.receive(pair.left, 2, 64).getLast().origin())
          .hasToString("10.1.0.2:" + pair.right.localPort());

      network.sh("ip address delete 10.1.0.2/32 dev lo");
      assertThat(pair.sendFromRight(asked.origin(), text("hello"), text("again")))
          .containsOnly(SendOutcome.SENT_WITHOUT_SOURCE);
      assertThat(UdpPair.receive(pair.left, 2, 64).getLast().origin())
          .hasToString("10.1.0.1:" + pair.right.localPort());
    }
  }

  /** The last step of the kernel's WireGuard tests (netns.sh): a better route elsewhere appears. */
  @Test
  void givesTheSourceUpWhenAnotherInterfaceTakesOver() {
    network.sh(
        "ip link add v1 type veth peer name v2 && ip link add v3 type veth peer name v4"
            + " && ip address add 10.0.0.1/32 dev v1 && ip address add 10.0.0.3/32 dev v3"
            + " && for v in v1 v2 v3 v4; do ip link set $v up; done"
            + " && ip route add 10.0.0.0/24 dev v1 src 10.0.0.1 metric 2");
    int index = Integer.parseInt(network.sh("ip -o link show v1 | cut -d: -f1").strip());
    try (UdpPair pair = pair()) {
      Endpoint peer = new Endpoint(0, 0xFFFF_0A00_0002L, 1, 0, 0, 0xFFFF_0A00_0001L, index);
      for (int i = 0; i < 3; i++) {
        assertThat(pair.sendFromLeft(peer, text("x"))).containsExactly(SendOutcome.SENT);
      }
      network.sh("ip route add 10.0.0.0/24 dev v3 src 10.0.0.3 metric 1");
      SendOutcome outcome = SendOutcome.SENT;
      long deadlineNs = System.nanoTime() + PrivateNetwork.PATIENCE_S * 1_000_000_000L;
      while (outcome == SendOutcome.SENT && System.nanoTime() < deadlineNs) {
        outcome = pair.sendFromLeft(peer, text("x")).getFirst();
      }
      assertThat(outcome).isEqualTo(SendOutcome.SENT_WITHOUT_SOURCE);
      network.sh("ip route delete 10.0.0.0/24 dev v3");
      while (outcome != SendOutcome.SENT && System.nanoTime() < deadlineNs) {
        outcome = pair.sendFromLeft(peer, text("x")).getFirst();
      }
      assertThat(outcome).as("the old route is back").isEqualTo(SendOutcome.SENT);
    }
  }

  @Test
  void answersFromTheIpv6AddressThatWasAsked() {
    network.sh("ip address add fd01::1/64 dev lo nodad && ip address add fd01::2/64 dev lo nodad");
    try (UdpPair pair = pair()) {
      long network64 = 0xFD01L << 48;
      Endpoint asking = new Endpoint(network64, 2, pair.right.localPort(), 0, network64, 1, 0);
      pair.sendFromLeft(asking, text("hello"));
      Received asked = UdpPair.receiveOne(pair.right);
      pair.sendFromRight(asked.origin(), text("hello"));
      assertThat(UdpPair.receiveOne(pair.left).origin())
          .hasToString("[fd01::2]:" + pair.right.localPort());

      network.sh("ip address delete fd01::2/64 dev lo");
      assertThat(pair.sendFromRight(asked.origin(), text("hello")))
          .containsExactly(SendOutcome.SENT_WITHOUT_SOURCE);
      assertThat(UdpPair.receiveOne(pair.left).origin())
          .hasToString("[fd01::1]:" + pair.right.localPort());
    }
  }

  @Test
  void answersLinkLocalAddressesThroughTheirInterface() {
    network.sh(
        "ip link add v1 type veth peer name v2"
            + " && sysctl -q net.ipv6.conf.v1.accept_dad=0 net.ipv6.conf.v2.accept_dad=0"
            + " && ip link set v1 up && ip link set v2 up"
            + " && ip address add fe80::1/64 dev v1 nodad"
            + " && until ip link show v1 | grep -q 'state UP'; do :; done");
    int index = Integer.parseInt(network.sh("ip -o link show v1 | cut -d: -f1").strip());
    try (UdpPair pair = pair()) {
      Endpoint asked = Endpoint.ipv6(0xFE80L << 48, 1, pair.right.localPort(), index);
      assertThat(pair.sendFromLeft(asked, text("hello"))).containsExactly(SendOutcome.SENT);
      Received received = UdpPair.receiveOne(pair.right);
      assertThat(received.origin().scopeId()).isEqualTo(index);
      assertThat(pair.sendFromRight(received.origin(), text("hello")))
          .containsExactly(SendOutcome.SENT);
      assertThat(UdpPair.receiveOne(pair.left).bytes()).isEqualTo(text("hello"));
    }
  }

  @Test
  void saysThatThePortIsTaken() {
    try (LinuxUdpTransport first = network.call(() -> new LinuxUdp().open(5_182, 0))) {
      assertThat(first.localPort()).isEqualTo(5_182);
      assertThatThrownBy(() -> network.call(() -> new LinuxUdp().open(5_182, 0)))
          .cause()
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot open UDP port 5182: bind: EADDRINUSE")
          .hasMessageContaining("choose another");
    }
  }

  @Test
  void freesThePortOnClose() {
    for (int i = 0; i < 100; i++) {
      LinuxUdpTransport transport = network.call(() -> new LinuxUdp().open(5_182, 0));
      Future<Integer> received = receivers.submit(() -> transport.receive(Batches.datagrams(1, 1)));
      transport.close();
      assertThat(PrivateNetwork.get(received)).isEqualTo(-1);
    }
  }

  @Test
  void closingWakesABlockedReceiverAndEndsSending() throws Exception {
    LinuxUdpTransport transport = network.call(() -> new LinuxUdp().open(0, 0));
    Sender sender = transport.newSender();
    Thread receiver =
        Thread.ofPlatform()
            .start(() -> {
              try {
                assertThat(transport.receive(Batches.datagrams(1, 1))).isEqualTo(-1);
              } catch (IOException failure) {
                throw new AssertionError(failure);
              }
            });
    transport.close();
    receiver.join(PrivateNetwork.PATIENCE_S * 1_000);
    assertThat(receiver.isAlive()).isFalse();
    assertThat(UdpPair.send(sender, Endpoint.ipv4(LOOPBACK, 9), text("late")))
        .containsExactly(SendOutcome.CLOSED);
    assertThat(transport.receive(Batches.datagrams(1, 1))).isEqualTo(-1);
    assertThatThrownBy(() -> transport.setFwmark(1)).isInstanceOf(IOException.class);
    sender.close();
    sender.close();
    transport.close();
  }

  @Test
  void fallsBackToIpv4WhereThereIsNoIpv6() {
    LinuxUdp provider =
        new LinuxUdp(
            () -> new ScriptedCalls().refuseSocket(SocketAddress.AF_INET6, Errno.EAFNOSUPPORT),
            true,
            true);
    try (UdpPair pair = new UdpPair(network, provider, new LinuxUdp())) {
      assertThat(pair.left.hasIpv6()).isFalse();
      DatagramBatch batch = Batches.datagrams(1, 3);
      Batches.append(batch, text("one"), ipv4(LOOPBACK, pair.right));
      Batches.append(batch, text("two"), ipv6Loopback(pair.right));
      Batches.append(batch, text("three"), ipv4(LOOPBACK, pair.right));
      assertThat(pair.sendFromLeft(batch)).isEqualTo(1);
      assertThat(batch.outcome(1)).isEqualTo(SendOutcome.UNREACHABLE);
      assertThat(UdpPair.receive(pair.right, 2, 64))
          .extracting(Received::bytes)
          .containsExactly(text("one"), text("three"));
    }
  }

  @Test
  void worksWithIpv6SwitchedOffBySysctl() {
    network.sh("sysctl -q net.ipv6.conf.all.disable_ipv6=1");
    try (UdpPair pair = pair()) {
      pair.sendFromLeft(ipv4(LOOPBACK, pair.right), text("four"));
      assertThat(UdpPair.receiveOne(pair.right).bytes()).isEqualTo(text("four"));
      assertThat(pair.sendFromLeft(ipv6Loopback(pair.right), text("six")))
          .containsExactly(SendOutcome.UNREACHABLE);
    }
  }

  @Test
  void marksItsPackets() throws IOException {
    network.sh("ip rule add fwmark 7 table 100 priority 0 && ip rule add table local priority 1");
    network.sh(
        "ip rule delete table local priority 0 && ip route add unreachable default table 100");
    try (UdpPair pair = pair();
        LinuxUdpTransport marked = network.call(() -> new LinuxUdp().open(0, 7));
        Sender sender = marked.newSender()) {
      Endpoint right = ipv4(LOOPBACK, pair.right);
      assertThat(UdpPair.send(sender, right, text("7"))).containsExactly(SendOutcome.UNREACHABLE);
      marked.setFwmark(0);
      assertThat(UdpPair.send(sender, right, text("0"))).containsExactly(SendOutcome.SENT);
      marked.setFwmark(7);
      assertThat(UdpPair.send(sender, right, text("7"))).containsExactly(SendOutcome.UNREACHABLE);
    }
  }

  @Test
  void survivesUnreachableDestinations() {
    try (UdpPair pair = pair()) {
      assertThat(pair.sendFromLeft(Endpoint.ipv4(0x0A63_0001, 9), text("no route")))
          .containsExactly(SendOutcome.UNREACHABLE);
      assertThat(pair.sendFromLeft(Endpoint.ipv6(0xFD63L << 48, 1, 9, 0), text("no route")))
          .containsExactly(SendOutcome.UNREACHABLE);
      // Nobody listens there: the kernel answers with ICMP port unreachable.
      for (int i = 0; i < 20; i++) {
        assertThat(pair.sendFromLeft(Endpoint.ipv4(LOOPBACK, 9), text("closed port")))
            .containsExactly(SendOutcome.SENT);
      }
      pair.sendFromRight(ipv4(LOOPBACK, pair.left), text("alive"));
      assertThat(UdpPair.receiveOne(pair.left).bytes()).isEqualTo(text("alive"));
    }
  }

  @Test
  void tellsWhatTheFirewallRefuses() {
    network.sh(
        "nft add table ip t"
            + " && nft add chain ip t o '{ type filter hook output priority 0; }'"
            + " && nft add rule ip t o udp dport 99 drop");
    try (UdpPair pair = pair()) {
      DatagramBatch batch = Batches.datagrams(1, 3);
      Batches.append(batch, text("one"), ipv4(LOOPBACK, pair.right));
      Batches.append(batch, text("two"), Endpoint.ipv4(LOOPBACK, 99));
      Batches.append(batch, text("three"), ipv4(LOOPBACK, pair.right));
      assertThat(pair.sendFromLeft(batch)).isEqualTo(1);
      assertThat(batch.outcome(1)).isEqualTo(SendOutcome.REFUSED);
      assertThat(UdpPair.receive(pair.right, 2, 64)).hasSize(2);
    }
  }

  @Test
  void discardsDatagramsThatNobodyCouldAnswer() throws Exception {
    try (LinuxTun tun =
            network.call(() -> new TunFactory().create("wgt0", 1420, TunOptions.PLAIN));
        UdpPair pair = pair()) {
      network.sh("ip address add 10.9.0.1/24 dev wgt0 && ip link set wgt0 up");
      int port = pair.right.localPort();
      PacketBatch frames = Batches.packets(1, 2);
      Batches.append(frames, Packets.udp(0x0A09_0002, 0, 0x0A09_0001, port, text("from 0")));
      Batches.append(frames, Packets.udp(0x0A09_0002, 1, 0x0A09_0001, port, text("from 1")));
      assertThat(tun.write(frames)).isEqualTo(2);
      Received received = UdpPair.receiveOne(pair.right);
      assertThat(received.bytes()).isEqualTo(text("from 1"));
      assertThat(received.origin()).hasToString("10.9.0.2:1");
      assertThat(pair.right.discarded()).isEqualTo(1);
    }
  }
}
