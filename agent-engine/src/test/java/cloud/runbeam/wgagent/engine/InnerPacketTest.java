package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.AttackedTunnel.PORT;
import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.testkit.Datagram;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.TestPackets;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Packets inside the tunnel that are not what they should be, from the host and from the peer. */
@ExtendWith(LeakCheck.class)
class InnerPacketTest {
  private static final int IPV4_HEADER_BYTES = 20;

  private AttackedTunnel tunnel;
  private SteppedDevice alice;
  private SteppedDevice bob;
  private Insider insider;

  @BeforeEach
  void connect(TestInfo test) {
    tunnel = new AttackedTunnel(test.getDisplayName());
    alice = tunnel.alice;
    bob = tunnel.bob;
    insider = new Insider(tunnel);
  }

  @AfterEach
  void end() {
    tunnel.close();
  }

  @Test
  void routesToTheMostSpecificPeerAndAcceptsFromItOnly() {
    SteppedDevice carol = tunnel.simulation.device("carol", "192.0.2.3", PORT);
    tunnel.simulation.introduce(carol, bob, bob.host().endpoint(PORT), "10.0.0.2/32", "::/0");
    tunnel.simulation.introduce(
        bob, carol, carol.host().endpoint(PORT), "10.0.0.0/8", "2001:db8::/32");
    tunnel.simulation.introduce(bob, alice, null, "10.0.1.0/24", "2001:db8:1::/48");
    tunnel.simulation.introduce(alice, bob, null, "::/0");
    // Outward, the longest prefix decides.
    send(bob, "10.0.0.2", "10.0.1.7", "to alice");
    send(bob, "10.0.0.2", "10.0.2.7", "to carol");
    send(bob, "2001:db8::2", "2001:db8:1::7", "to alice over 6");
    send(bob, "2001:db8::2", "2001:db8:2::7", "to carol over 6");
    tunnel.simulation.settle();
    assertThat(received(alice)).containsExactly("to alice", "to alice over 6");
    assertThat(received(carol)).containsExactly("to carol", "to carol over 6");
    // Inward, the wider prefix does not cover what the narrower one took away.
    send(carol, "10.0.1.7", "10.0.0.2", "carol as alice");
    send(carol, "10.0.2.7", "10.0.0.2", "carol as herself");
    tunnel.simulation.settle();
    assertThat(received(bob)).containsExactly("carol as herself");
    assertThat(bob.drops(carol, DropReason.SOURCE_NOT_ALLOWED)).isOne();
  }

  @Test
  void acceptsNoSourceThatIsNotThePeers() {
    for (String source : new String[] {"10.0.0.2", "10.0.0.3", "127.0.0.1", "0.0.0.0"}) {
      insider.send(TestPackets.udp(source, "10.0.0.2", new byte[8]));
    }
    insider.send(TestPackets.udp("2001:db8::1", "2001:db8::2", new byte[8]));
    insider.send(TestPackets.udp("::ffff:10.0.0.1", "2001:db8::2", new byte[8]));
    tunnel.simulation.settle();

    assertThat(bob.drops(alice, DropReason.SOURCE_NOT_ALLOWED)).isEqualTo(6);
    tunnel.assertUnharmed();
  }

  @Test
  void acceptsNoVersionButFourAndSix() {
    byte[] packet = TestPackets.udp("10.0.0.1", "10.0.0.2", new byte[30]);
    for (int version = 0; version < 16; version++) {
      byte[] changed = packet.clone();
      changed[0] = (byte) (version << 4 | 5);
      if (version != 4 && version != 6) {
        insider.send(changed);
        alice.tun().route(changed);
      }
    }
    tunnel.simulation.settle();

    assertThat(bob.drops(alice, DropReason.MALFORMED_INNER_CONTENT)).isEqualTo(14);
    assertThat(alice.drops(DropReason.MALFORMED_INNER_PACKET)).isEqualTo(14);
    tunnel.assertUnharmed();
  }

  @Test
  void acceptsNoPacketThatIsShorterThanItSays() {
    byte[] four = TestPackets.udp("10.0.0.1", "10.0.0.2", new byte[30]);
    byte[] six = TestPackets.udp("2001:db8::1", "2001:db8::2", new byte[30]);
    int sent = 0;
    for (byte[] packet : new byte[][] {four, six}) {
      for (int bytes = 1; bytes < packet.length; bytes++) {
        insider.send(Arrays.copyOf(packet, bytes));
        alice.tun().route(Arrays.copyOf(packet, bytes));
        sent++;
      }
    }
    tunnel.simulation.settle();

    assertThat(bob.drops(alice, DropReason.MALFORMED_INNER_CONTENT)).isEqualTo(sent);
    assertThat(alice.drops(DropReason.MALFORMED_INNER_PACKET)).isEqualTo(sent);
    tunnel.assertUnharmed();
  }

  @Test
  void cutsWhatFollowsThePacket() {
    byte[] packet =
        TestPackets.udp("10.0.0.1", "10.0.0.2", "text".getBytes(StandardCharsets.UTF_8));
    insider.send(Arrays.copyOf(packet, packet.length + 500));
    tunnel.simulation.settle();

    assertThat(bob.tun().take()).isEqualTo(packet);
    tunnel.assertUnharmed();
  }

  @Test
  void carriesFragmentsAsTheyAre() {
    byte[] last = TestPackets.udp("10.0.0.1", "10.0.0.2", new byte[30]);
    last[7] = 100; // fragment offset: there are no ports behind this header
    Arrays.fill(last, IPV4_HEADER_BYTES, last.length, (byte) 0xEE);
    byte[] first = TestPackets.udp("10.0.0.1", "10.0.0.2", new byte[40]);
    first[6] = 0x20; // more fragments
    alice.tun().route(first);
    alice.tun().route(last);
    tunnel.simulation.settle();

    assertThat(bob.tun().take()).isEqualTo(first);
    assertThat(bob.tun().take()).isEqualTo(last);
    tunnel.assertUnharmed();
  }

  @Test
  void endsATunnelThatIsRoutedIntoItself() {
    // The host routes everything into the tunnel, its outer packets included, fragmented as needed.
    tunnel.simulation.introduce(alice, bob, ToyHost.endpoint("192.0.2.2", PORT), "0.0.0.0/0");
    int mtu = alice.tun().mtuBytes();
    int[] looped = {0};
    tunnel
        .simulation
        .network()
        .filter(datagram -> {
          if (datagram.source().sameRemote(alice.host().endpoint(PORT))) {
            if (looped[0]++ < 1_000) {
              routeBack(datagram, mtu);
            }
            return false;
          }
          return true;
        });
    long sentBefore = alice.peer(bob).txPackets();
    byte[] large = TestPackets.udp("10.0.0.1", "10.0.0.2", new byte[mtu - 28]);
    alice.tun().route(large);
    tunnel.simulation.run(Duration.ofSeconds(4));

    assertThat(looped[0]).as("datagrams that one packet became").isBetween(1, 3);
    assertThat(alice.peer(bob).txPackets() - sentBefore).isLessThanOrEqualTo(3);
    assertThat(alice.drops(bob, DropReason.ROUTING_LOOP)).isPositive();
    tunnel.eve.letPass();
    tunnel.simulation.run(Duration.ofSeconds(20));
    tunnel.assertUnharmed();
  }

  @Test
  void carriesAnotherTunnelToTheSameMachine() {
    // Nesting is no loop: from another port, or to another.
    tunnel.simulation.introduce(alice, bob, ToyHost.endpoint("192.0.2.2", PORT), "192.0.2.2/32");
    byte[] otherPort =
        TestPackets.udp("10.0.0.1", "192.0.2.2", "nested".getBytes(StandardCharsets.UTF_8));
    alice.tun().route(otherPort);
    tunnel.simulation.settle();

    assertThat(bob.tun().take()).isEqualTo(otherPort);
    assertThat(alice.drops(bob, DropReason.ROUTING_LOOP)).isZero();
  }

  /** What a host does with a datagram whose route is the tunnel: IP and UDP headers, fragments. */
  private void routeBack(Datagram datagram, int mtu) {
    byte[] packet = TestPackets.udp("192.0.2.1", "192.0.2.2", datagram.bytes());
    packet[20] = packet[22] = (byte) (PORT >>> 8);
    packet[21] = packet[23] = (byte) PORT;
    if (packet.length <= mtu) {
      alice.tun().route(packet);
      return;
    }
    int firstPayload = (mtu - IPV4_HEADER_BYTES) & -8;
    alice.tun().route(fragment(packet, 0, firstPayload, true));
    alice
        .tun()
        .route(
            fragment(
                packet, firstPayload, packet.length - IPV4_HEADER_BYTES - firstPayload, false));
  }

  private static byte[] fragment(byte[] packet, int from, int bytes, boolean more) {
    byte[] fragment = new byte[IPV4_HEADER_BYTES + bytes];
    System.arraycopy(packet, 0, fragment, 0, IPV4_HEADER_BYTES);
    System.arraycopy(packet, IPV4_HEADER_BYTES + from, fragment, IPV4_HEADER_BYTES, bytes);
    fragment[2] = (byte) (fragment.length >>> 8);
    fragment[3] = (byte) fragment.length;
    fragment[6] = (byte) ((more ? 0x20 : 0) | ((from / 8) >>> 8));
    fragment[7] = (byte) (from / 8);
    return fragment;
  }
}
