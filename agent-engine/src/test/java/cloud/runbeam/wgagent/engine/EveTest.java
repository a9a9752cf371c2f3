package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.AttackedTunnel.PORT;
import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.session.ReplayWindow;
import cloud.runbeam.wgagent.engine.testkit.Datagram;
import cloud.runbeam.wgagent.engine.testkit.Eve;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.LowOrderPoints;
import cloud.runbeam.wgagent.engine.wire.MacLayout;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import cloud.runbeam.wgagent.engine.wire.ResponseLayout;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** What somebody on the wire can do who has no key: nothing that lasts. */
@ExtendWith(LeakCheck.class)
class EveTest {
  /** Offsets of the paper, section 5.4. */
  private static final int SENDER_INDEX = 4;

  private static final int RECEIVER_INDEX_OF_RESPONSE = 8;

  private AttackedTunnel tunnel;
  private Eve eve;
  private SteppedDevice alice;
  private SteppedDevice bob;

  @BeforeEach
  void connect(TestInfo test) {
    tunnel = new AttackedTunnel(test.getDisplayName());
    eve = tunnel.eve;
    alice = tunnel.alice;
    bob = tunnel.bob;
  }

  @AfterEach
  void end() {
    tunnel.close();
  }

  @Test
  void deliversNoReplayAndFollowsNone() {
    tunnel.renewSession();
    List<Datagram> heard = eve.heard();
    assertThat(heard).extracting(Datagram::type).contains(1, 2, 4);
    long handshakes = bob.peer(alice).handshakesCompleted();
    for (Datagram datagram : heard) {
      eve.replay(datagram);
      tunnel.simulation.settle();
      eve.replayFrom(Eve.endpoint(), datagram);
      tunnel.simulation.settle();
    }
    assertThat(bob.drops(DropReason.REPLAYED_INITIATION)).isPositive();
    assertThat(alice.drops(DropReason.UNKNOWN_INDEX)).as("replayed responses").isPositive();
    assertThat(bob.drops(alice, DropReason.REPLAYED_COUNTER)).isPositive();
    assertThat(bob.peer(alice).handshakesCompleted()).isEqualTo(handshakes);
    tunnel.assertUnharmed();
  }

  @Test
  void refusesReplaysOfSessionsThatAreOver() {
    tunnel.renewSession();
    List<Datagram> heard = eve.heard();
    tunnel.forgetSessions();
    eve.forget();
    heard.forEach(datagram -> {
      eve.replayFrom(Eve.endpoint(), datagram);
      tunnel.simulation.settle();
    });
    assertThat(eve.heard()).as("answers").isEmpty();
    tunnel.assertUnharmed();
  }

  @Test
  void survivesEveryLengthOfEveryMessage() {
    tunnel.renewSession();
    List<Datagram> heard = eve.heard();
    eve.forget();
    for (int type = MessageType.INITIATION; type <= MessageType.TRANSPORT; type++) {
      if (type != MessageType.COOKIE_REPLY) {
        eve.truncateAndExtend(newest(heard, type), tunnel.simulation::settle);
      }
    }
    assertThat(eve.heard()).as("answers").isEmpty();
    assertThat(bob.drops(DropReason.MALFORMED_MESSAGE)).isGreaterThan(150);
    tunnel.assertUnharmed();
  }

  @Test
  void survivesGarbageOfEveryKind() {
    var random = tunnel.simulation.random();
    for (int i = 0; i < 3_000; i++) {
      byte[] garbage = new byte[i % 50 == 0 ? 60_000 : random.nextInt(200)];
      random.nextBytes(garbage);
      if (garbage.length >= 4 && random.nextBoolean()) {
        garbage[0] = (byte) (1 + random.nextInt(4));
        garbage[1] = garbage[2] = garbage[3] = 0;
      }
      eve.send(bob.host().endpoint(PORT), garbage);
      tunnel.simulation.settle();
    }
    assertThat(eve.heard()).as("answers").isEmpty();
    tunnel.assertUnharmed();
  }

  @Test
  void refusesAnInitiationWithAnyBitFlippedAndThenTakesTheGenuineOne() {
    Datagram initiation = heldBack(MessageType.INITIATION);
    long handshakes = bob.peer(alice).handshakesCompleted();
    flipEachBit(initiation, bob.publicKey());

    assertThat(eve.heard()).as("answers").isEmpty();
    assertThat(bob.peer(alice).handshakesCompleted()).isEqualTo(handshakes);
    assertThat(bob.drops(DropReason.INVALID_HANDSHAKE)).isGreaterThanOrEqualTo(108 * 8L);
    tunnel.assertEndpointsUnmoved();
    eve.replay(initiation);
    eve.letPass();
    tunnel.simulation.settle();
    assertThat(bob.peer(alice).handshakesCompleted()).isEqualTo(handshakes + 1);
    assertThat(received(bob)).containsExactly("begin");
    tunnel.assertUnharmed();
  }

  @Test
  void refusesAResponseWithAnyBitFlippedAndThenTakesTheGenuineOne() {
    Datagram response = heldBack(MessageType.RESPONSE);
    long handshakes = alice.peer(bob).handshakesCompleted();
    flipEachBit(response, alice.publicKey());

    assertThat(alice.peer(bob).handshakesCompleted()).isEqualTo(handshakes);
    assertThat(alice.drops(bob, DropReason.INVALID_HANDSHAKE)).isGreaterThanOrEqualTo(48 * 8L);
    tunnel.assertEndpointsUnmoved();
    eve.replay(response);
    eve.letPass();
    tunnel.simulation.settle();
    assertThat(received(bob)).containsExactly("begin");
    tunnel.assertUnharmed();
  }

  @Test
  void refusesDataWithAnyBitFlippedAndThenTakesTheGenuineOne() {
    eve.holdBack(datagram -> true);
    send(alice, "10.0.0.1", "10.0.0.2", "precious");
    tunnel.simulation.settle();
    Datagram data = eve.last(MessageType.TRANSPORT);
    eve.flipEachBit(data, 0, data.length(), bytes -> {}, tunnel.simulation::settle);

    tunnel.assertNothingDelivered();
    tunnel.assertEndpointsUnmoved();
    assertThat(bob.drops(alice, DropReason.AUTHENTICATION_FAILED)).isGreaterThan(300);
    eve.replay(data);
    eve.letPass();
    tunnel.simulation.settle();
    assertThat(received(bob)).containsExactly("precious");
    tunnel.assertUnharmed();
  }

  @Test
  void recognisesNothingThatIsReflected() {
    tunnel.renewSession();
    List<Datagram> heard = eve.heard();
    eve.forget();
    heard.forEach(datagram -> {
      eve.reflect(datagram);
      tunnel.simulation.settle();
    });
    assertThat(eve.heard()).as("answers").isEmpty();
    tunnel.assertUnharmed();
  }

  @Test
  void emitsNothingForInitiationsWithLowOrderKeys() {
    for (PublicKey point : LowOrderPoints.ALL) {
      eve.send(bob.host().endpoint(PORT), eve.initiationTo(bob.publicKey(), point));
      tunnel.simulation.settle();
    }
    assertThat(bob.drops(DropReason.INVALID_HANDSHAKE)).isEqualTo(LowOrderPoints.ALL.size());
    assertThat(eve.heard()).isEmpty();
    tunnel.assertUnharmed();
  }

  @Test
  void emitsNothingForResponsesWithLowOrderKeys() {
    Datagram response = heldBack(MessageType.RESPONSE);
    eve.forget();
    for (PublicKey point : LowOrderPoints.ALL) {
      byte[] bytes = response.bytes();
      point.copyTo(MemorySegment.ofArray(bytes), ResponseLayout.EPHEMERAL);
      Eve.sign(bytes, alice.publicKey());
      eve.send(response.destination(), bytes);
      tunnel.simulation.settle();
    }
    assertThat(alice.drops(bob, DropReason.INVALID_HANDSHAKE)).isEqualTo(LowOrderPoints.ALL.size());
    assertThat(eve.heard()).isEmpty();
    eve.replay(response);
    eve.letPass();
    tunnel.simulation.settle();
    assertThat(received(bob)).containsExactly("begin");
    tunnel.assertUnharmed();
  }

  @Test
  void emitsNothingToAPeerWhoseKeyIsOfLowOrder() {
    for (PublicKey point : LowOrderPoints.ALL) {
      alice.apply(
          DeviceChange.ofPeers(
              List.of(
                  new PeerChange(
                      point,
                      false,
                      false,
                      Optional.empty(),
                      Optional.of(Eve.endpoint()),
                      Optional.of(1),
                      false,
                      List.of(),
                      List.of()))));
    }
    tunnel.simulation.run(Duration.ofSeconds(30), Duration.ofMillis(100));
    assertThat(eve.heard()).noneMatch(sent -> sent.destination().equals(Eve.endpoint()));
    for (PublicKey point : LowOrderPoints.ALL) {
      alice.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(point))));
    }
    tunnel.assertUnharmed();
  }

  @Test
  void takesEightThousandPacketsInReverseAndEachOnce() {
    eve.holdBack(datagram -> true);
    int packets = ReplayWindow.WINDOW_COUNTERS;
    for (int i = 0; i < packets; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "packet " + i);
      tunnel.simulation.settle();
    }
    List<Datagram> held = eve.heard();
    eve.letPass();
    for (int again = 0; again < 2; again++) {
      for (int i = packets - 1; i >= 0; i--) {
        eve.replay(held.get(i));
        tunnel.simulation.settle();
      }
    }
    List<String> arrived = received(bob);
    assertThat(arrived).hasSize(packets).doesNotHaveDuplicates();
    assertThat(arrived.getFirst()).isEqualTo("packet " + (packets - 1));
    assertThat(bob.drops(alice, DropReason.REPLAYED_COUNTER)).isEqualTo(packets);
    tunnel.assertUnharmed();
  }

  @Test
  void comesBackFromADetourWithThePeersNextPacket() {
    // Eve may carry a genuine packet herself; the endpoint follows it, as the paper says it must.
    eve.holdBack(datagram -> true);
    send(alice, "10.0.0.1", "10.0.0.2", "by way of eve");
    tunnel.simulation.settle();
    Datagram data = eve.last(MessageType.TRANSPORT);
    eve.letPass();
    eve.replayFrom(Eve.endpoint(), data);
    tunnel.simulation.settle();
    assertThat(received(bob)).containsExactly("by way of eve");
    assertThat(bob.peer(alice).endpoint().orElseThrow().sameRemote(Eve.endpoint())).isTrue();

    tunnel.assertNothingDelivered();
    send(alice, "10.0.0.1", "10.0.0.2", "directly");
    tunnel.simulation.settle();
    assertThat(received(bob)).containsExactly("directly");
    tunnel.assertUnharmed();
  }

  @Test
  void doesNotFollowForgedCookieReplies() {
    Datagram initiation = heldBack(MessageType.INITIATION);
    byte[] reply = new byte[64];
    tunnel.simulation.random().nextBytes(reply);
    reply[0] = MessageType.COOKIE_REPLY;
    reply[1] = reply[2] = reply[3] = 0;
    System.arraycopy(initiation.bytes(), SENDER_INDEX, reply, SENDER_INDEX, Integer.BYTES);
    eve.send(initiation.source(), reply);
    tunnel.simulation.settle();

    assertThat(alice.drops(DropReason.INVALID_COOKIE_REPLY)).isOne();
    tunnel.assertEndpointsUnmoved();
    eve.replay(initiation);
    eve.letPass();
    tunnel.simulation.settle();
    assertThat(received(bob)).containsExactly("begin");
    tunnel.assertUnharmed();
  }

  @Test
  void refusesAResponseThatAnotherPeerMadeForItsOwnInitiation() {
    SteppedDevice carol = tunnel.simulation.device("carol", "192.0.2.3", PORT);
    tunnel.simulation.introduce(alice, carol, carol.host().endpoint(PORT), "10.0.0.3/32");
    tunnel.simulation.introduce(carol, alice, null, "10.0.0.1/32");
    Datagram toBob = heldBack(MessageType.INITIATION);
    eve.holdBack(datagram -> datagram.type() == MessageType.RESPONSE);
    send(alice, "10.0.0.1", "10.0.0.3", "to carol");
    tunnel.simulation.settle();
    Datagram response = eve.last(MessageType.RESPONSE);
    byte[] moved = response.bytes();
    // Carol's answer, with the index of the handshake that waits for Bob's.
    System.arraycopy(toBob.bytes(), SENDER_INDEX, moved, RECEIVER_INDEX_OF_RESPONSE, Integer.BYTES);
    Eve.sign(moved, alice.publicKey());
    eve.replay(new Datagram(response.source(), response.destination(), moved));
    tunnel.simulation.settle();

    assertThat(alice.drops(bob, DropReason.INVALID_HANDSHAKE)).isOne();
    tunnel.assertEndpointsUnmoved();
    eve.replay(response);
    eve.replay(toBob);
    eve.letPass();
    tunnel.simulation.settle();
    assertThat(received(carol)).containsExactly("to carol");
    assertThat(received(bob)).containsExactly("begin");
    alice.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(carol.publicKey()))));
    tunnel.assertUnharmed();
  }

  /** A new session is begun with one packet, but its message of {@code type} does not arrive. */
  private Datagram heldBack(int type) {
    tunnel.forgetSessions();
    eve.forget();
    eve.holdBack(datagram -> datagram.type() == type);
    send(alice, "10.0.0.1", "10.0.0.2", "begin");
    tunnel.simulation.settle();
    Datagram held = eve.last(type);
    eve.forget();
    return held;
  }

  /**
   * Flips all bits once with MAC1 as it was, and all but the sender index with MAC1 made anew. The
   * sender index is outside of what the protocol authenticates; MAC2 counts only under load.
   */
  private void flipEachBit(Datagram message, PublicKey receiver) {
    int mac1 = MacLayout.mac1(message.length());
    int mac2 = MacLayout.mac2(message.length());
    Runnable settle = tunnel.simulation::settle;
    eve.flipEachBit(message, 0, mac2, bytes -> {}, settle);
    eve.flipEachBit(message, 0, SENDER_INDEX, bytes -> Eve.sign(bytes, receiver), settle);
    int behind = SENDER_INDEX + Integer.BYTES;
    eve.flipEachBit(message, behind, mac1, bytes -> Eve.sign(bytes, receiver), settle);
  }

  private static Datagram newest(List<Datagram> heard, int type) {
    return heard.reversed().stream().filter(sent -> sent.type() == type).findFirst().orElseThrow();
  }
}
