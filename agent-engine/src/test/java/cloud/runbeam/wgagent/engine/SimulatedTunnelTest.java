package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.testkit.Datagram;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.LinkConditions;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two devices on a simulated network, through minutes of simulated time. */
@ExtendWith(LeakCheck.class)
class SimulatedTunnelTest {
  private static final int PORT = 51_820;

  private Simulation simulation;
  private SteppedDevice alice;
  private SteppedDevice bob;

  /** Types of the messages sent, in order. */
  private final List<Integer> types = new ArrayList<>();

  @BeforeEach
  void connectAliceAndBob(TestInfo test) {
    simulation = new Simulation(test.getDisplayName());
    simulation.network().tap(datagram -> types.add(datagram.type()));
    alice = simulation.device("alice", "192.0.2.1", PORT);
    bob = simulation.device("bob", "192.0.2.2", PORT);
    simulation.introduce(alice, bob, ToyHost.endpoint("192.0.2.2", PORT), "10.0.0.2/32");
    simulation.introduce(bob, alice, null, "10.0.0.1/32");
  }

  @AfterEach
  void end() {
    simulation.close();
  }

  @Test
  void carriesPacketsBothWaysAfterOneHandshake() {
    sayHello();
    send(bob, "10.0.0.2", "10.0.0.1", "hello alice");
    simulation.settle();

    assertThat(received(alice)).containsExactly("hello alice");
    assertThat(types).containsExactly(1, 2, 4, 4);
    assertThat(alice.peer(bob).sessionEstablished()).isTrue();
    assertThat(bob.peer(alice).sessionEstablished()).isTrue();
    assertThat(bob.peer(alice).endpoint()).isPresent();
  }

  @Test
  void keepsPacketsInOrderThatWaitedForTheHandshake() {
    simulation.conditions(LinkConditions.delayed(Duration.ofMillis(40)));
    for (int i = 0; i < 100; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "packet " + i);
    }
    simulation.run(Duration.ofMillis(200));

    List<String> packets = received(bob);
    assertThat(packets).hasSize(100);
    for (int i = 0; i < 100; i++) {
      assertThat(packets.get(i)).isEqualTo("packet " + i);
    }
  }

  @Test
  void deliversNothingTwiceOverALossyReorderingNetwork() {
    simulation.conditions(
        new LinkConditions(0.2, 0.2, Duration.ofMillis(5), Duration.ofMillis(80)));
    Set<String> seen = new HashSet<>();
    int sent = 0;
    int arrived = 0;
    // Four minutes: several new sessions begin while packets are under way.
    for (int round = 0; round < 2_400; round++) {
      send(alice, "10.0.0.1", "10.0.0.2", "a" + sent);
      send(bob, "10.0.0.2", "10.0.0.1", "b" + sent);
      sent++;
      simulation.run(Duration.ofMillis(100));
      List<String> both = received(alice);
      both.addAll(received(bob));
      arrived += both.size();
      for (String text : both) {
        assertThat(seen.add(text)).as("%s delivered once", text).isTrue();
      }
    }
    assertThat(arrived).isBetween((int) (2 * sent * 0.7), (int) (2 * sent * 0.85));
    assertThat(alice.peer(bob).handshakesCompleted()).isGreaterThanOrEqualTo(2);
    assertThat(bob.peer(alice).drops()).containsKey(DropReason.REPLAYED_COUNTER);
  }

  @Test
  void renewsItsSessionEveryTwoMinutesWithoutLosingAPacket() {
    simulation.conditions(LinkConditions.delayed(Duration.ofMillis(20)));
    for (int second = 0; second < 500; second++) {
      send(alice, "10.0.0.1", "10.0.0.2", "second " + second);
      simulation.run(Duration.ofSeconds(1));
      assertThat(received(bob)).containsExactly("second " + second);
    }
    assertThat(types.stream().filter(type -> type == 1).count()).isEqualTo(5);
    assertThat(alice.peer(bob).handshakesCompleted()).isEqualTo(5);
  }

  @Test
  void answersSilenceWithOneKeepaliveAfterTenSeconds() {
    sayHello();
    types.clear();
    simulation.run(Duration.ofMillis(9_990));
    assertThat(types).isEmpty();
    simulation.run(Duration.ofMillis(50));
    assertThat(types).containsExactly(4);
    simulation.run(Duration.ofSeconds(60));
    assertThat(types).containsExactly(4);
    assertThat(received(alice)).isEmpty();
  }

  @Test
  void startsANewHandshakeWhenNothingComesBackForFifteenSeconds() {
    sayHello();
    simulation.run(Duration.ofSeconds(30));
    types.clear();
    simulation.network().filter(datagram -> !datagram.source().equals(bob.host().endpoint(PORT)));
    send(alice, "10.0.0.1", "10.0.0.2", "anybody there?");
    simulation.run(Duration.ofMillis(14_900));
    // Bob's keepalive is lost.
    assertThat(types).containsExactly(4, 4);
    simulation.run(Duration.ofMillis(600));
    assertThat(types).containsExactly(4, 4, 1, 2);
  }

  @Test
  void givesUpOnASilentPeerAfterNinetySeconds() {
    simulation.network().filter(datagram -> false);
    send(alice, "10.0.0.1", "10.0.0.2", "lost");
    simulation.run(Duration.ofSeconds(200));

    assertThat(types).hasSize(18).containsOnly(1);
    assertThat(alice.peer(bob).drops()).containsEntry(DropReason.HANDSHAKE_GAVE_UP, 1L);
    assertThat(alice.peer(bob).handshakesFailed()).isEqualTo(1);
    assertThat(alice.peer(bob).handshakesUnanswered())
        .isEqualTo(alice.peer(bob).handshakesInitiated());
    types.clear();
    send(alice, "10.0.0.1", "10.0.0.2", "again");
    simulation.settle();
    assertThat(types).containsExactly(1);
  }

  @Test
  void sendsPersistentKeepalivesAtTheirInterval() {
    simulation.introduce(alice, bob, ToyHost.endpoint("192.0.2.2", PORT), 25, "10.0.0.2/32");
    simulation.run(Duration.ofMillis(10));
    assertThat(types).startsWith(1, 2);
    types.clear();
    simulation.run(Duration.ofSeconds(101));
    assertThat(types.stream().filter(type -> type == 4).count()).isEqualTo(4);
  }

  @Test
  void followsAPeerWhoseNatForgotIt() {
    alice.host().behindNat("198.51.100.1");
    sayHello();
    assertThat(
            bob.peer(alice)
                .endpoint()
                .orElseThrow()
                .sameRemote(ToyHost.endpoint("198.51.100.1", 20_000)))
        .isTrue();

    alice.host().rebindNat();
    send(bob, "10.0.0.2", "10.0.0.1", "to the old mapping");
    simulation.settle();
    assertThat(received(alice)).isEmpty();
    send(alice, "10.0.0.1", "10.0.0.2", "from the new mapping");
    send(alice, "10.0.0.1", "10.0.0.2", "again");
    simulation.settle();
    assertThat(received(bob)).containsExactly("from the new mapping", "again");
    send(bob, "10.0.0.2", "10.0.0.1", "found you");
    simulation.settle();

    assertThat(received(alice)).containsExactly("found you");
    assertThat(bob.peer(alice).endpointChanges()).isEqualTo(1);
  }

  @Test
  void followsAPeerThatMovedWhileItWasSilent() {
    alice.host().behindNat("198.51.100.1");
    sayHello();
    simulation.run(Duration.ofSeconds(200));
    alice.host().rebindNat();
    sayHello();
    send(bob, "10.0.0.2", "10.0.0.1", "found you");
    simulation.settle();

    assertThat(received(alice)).containsExactly("found you");
    assertThat(bob.peer(alice).endpointChanges()).isEqualTo(1);
  }

  @Test
  void doesNotFollowReplayedOrGarbledPackets() {
    List<Datagram> sniffed = new ArrayList<>();
    simulation.network().tap(sniffed::add);
    sayHello();
    Datagram data = sniffed.getLast();
    byte[] garbled = data.bytes();
    garbled[garbled.length - 1] ^= 1;
    Datagram fromEve =
        new Datagram(ToyHost.endpoint("203.0.113.66", 666), data.destination(), data.bytes());
    simulation.network().inject(fromEve);
    simulation.network().inject(new Datagram(fromEve.source(), data.destination(), garbled));
    simulation.settle();

    assertThat(received(bob)).isEmpty();
    assertThat(bob.peer(alice).endpoint().orElseThrow().sameRemote(data.source())).isTrue();
    assertThat(bob.peer(alice).drops())
        .containsEntry(DropReason.REPLAYED_COUNTER, 1L)
        .containsEntry(DropReason.AUTHENTICATION_FAILED, 1L);
  }

  @Test
  void agreesWhenBothSidesInitiateAtOnce() {
    simulation.introduce(bob, alice, ToyHost.endpoint("192.0.2.1", PORT), "10.0.0.1/32");
    simulation.conditions(LinkConditions.delayed(Duration.ofMillis(50)));
    send(alice, "10.0.0.1", "10.0.0.2", "from alice");
    send(bob, "10.0.0.2", "10.0.0.1", "from bob");
    simulation.run(Duration.ofSeconds(12));
    send(alice, "10.0.0.1", "10.0.0.2", "and again");
    send(bob, "10.0.0.2", "10.0.0.1", "and again");
    simulation.run(Duration.ofSeconds(1));

    assertThat(received(bob)).containsExactly("from alice", "and again");
    assertThat(received(alice)).containsExactly("from bob", "and again");
  }

  @Test
  void findsARestartedPeerAgain() {
    sayHello();
    simulation.run(Duration.ofSeconds(20));
    ToyHost host = bob.host();
    simulation.kill(bob);
    bob = simulation.device("bob", host, PORT);
    simulation.introduce(bob, alice, null, "10.0.0.1/32");
    send(alice, "10.0.0.1", "10.0.0.2", "into the void");
    simulation.run(Duration.ofSeconds(16));
    send(alice, "10.0.0.1", "10.0.0.2", "welcome back");
    simulation.run(Duration.ofSeconds(1));

    assertThat(received(bob)).contains("welcome back");
  }

  @Test
  void wipesEverythingAfterNineMinutesOfSilence() {
    sayHello();
    assertThat(alice.keys().keysInUse()).isGreaterThan(2);
    int before = alice.keys().keysInUse();
    simulation.run(Duration.ofSeconds(541));

    assertThat(alice.keys().keysInUse()).isEqualTo(before - 2);
    assertThat(alice.peer(bob).sessionEstablished()).isFalse();
    sayHello();
  }

  @Test
  void keepsTalkingWhileTheTimeOfDayJumps() {
    sayHello();
    simulation.clock().jumpWall(Duration.ofDays(-3_000));
    for (int i = 0; i < 200; i++) {
      send(bob, "10.0.0.2", "10.0.0.1", "b" + i);
      simulation.run(Duration.ofSeconds(1));
      assertThat(received(alice)).as("second %d", i).containsExactly("b" + i);
    }
  }

  @Test
  void dropsPacketsWithAnInnerSourceThatIsNotThePeers() {
    sayHello();
    send(alice, "10.0.0.99", "10.0.0.2", "spoofed");
    simulation.settle();

    assertThat(received(bob)).isEmpty();
    assertThat(bob.peer(alice).drops()).containsEntry(DropReason.SOURCE_NOT_ALLOWED, 1L);
  }

  private void sayHello() {
    send(alice, "10.0.0.1", "10.0.0.2", "hello bob");
    simulation.settle();
    assertThat(received(bob)).containsExactly("hello bob");
  }
}
