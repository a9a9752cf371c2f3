package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.AttackedTunnel.PORT;
import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.cookie.CookieGenerator;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.testkit.Datagram;
import cloud.runbeam.wgagent.engine.testkit.Eve;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Floods of handshake messages with a valid MAC1. Bob's conductor is given the time that its work
 * would take on a real machine, so that his queue grows as it would there.
 */
@ExtendWith(LeakCheck.class)
class HandshakeFloodTest {
  private static final Duration TICK = Duration.ofMillis(5);

  /** What an initiation costs whose key agreement is computed. */
  private static final long AGREEMENT_COST_NS = 300_000;

  /** What any other message costs: hashes, and a cookie reply at most. */
  private static final long CHEAP_COST_NS = 10_000;

  /** Messages in one round of the conductor. */
  private static final int ROUND_MESSAGES = 32;

  private AttackedTunnel tunnel;
  private Eve eve;
  private SteppedDevice alice;
  private SteppedDevice bob;
  private SteppedDevice carol;

  /** How far Bob's conductor is ahead of its work, negative when it is behind. */
  private long spareNs;

  private int packets;

  @BeforeEach
  void connect(TestInfo test) {
    tunnel = new AttackedTunnel(test.getDisplayName());
    eve = tunnel.eve;
    alice = tunnel.alice;
    bob = tunnel.bob;
    carol = tunnel.simulation.device("carol", "192.0.2.3", PORT);
    tunnel.simulation.introduce(carol, bob, bob.host().endpoint(PORT), "10.0.0.2/32");
    tunnel.simulation.introduce(bob, carol, null, "10.0.0.3/32");
  }

  @AfterEach
  void end() {
    tunnel.close();
  }

  @Test
  void aFloodFromOneSourceCostsNoKeyAgreementsAndNoPacketOfASession() {
    byte[] initiation = eve.initiationTo(bob.publicKey());
    int ticks = 600;
    for (int tick = 0; tick < ticks; tick++) {
      for (int i = 0; i < 100; i++) {
        eve.send(bob.host().endpoint(PORT), initiation);
      }
      passTick();
      exchangeData();
    }
    assertAgreementsWereFew(ticks);
    assertThat(bob.drops(DropReason.COOKIE_REQUIRED)).isGreaterThan(10_000);
    recover();
  }

  @Test
  void aFloodFromAMillionSourcesCostsNoMemoryAndNoPacketOfASession() {
    byte[] initiation = eve.initiationTo(bob.publicKey());
    int keys = bob.keys().keysInUse();
    int indexes = bob.indexesInUse();
    int perTick = 4_000;
    int ticks = 250;
    for (int tick = 0; tick < ticks; tick++) {
      for (int i = 0; i < perTick; i++) {
        tunnel
            .simulation
            .network()
            .inject(
                new Datagram(
                    Eve.source(tick * perTick + i), bob.host().endpoint(PORT), initiation));
      }
      passTick();
      exchangeData();
      eve.forget();
      assertThat(bob.buffersLent()).isLessThanOrEqualTo(1_024);
      assertThat(bob.keys().keysInUse()).isEqualTo(keys);
      assertThat(bob.indexesInUse()).isEqualTo(indexes);
    }
    assertAgreementsWereFew(ticks);
    assertThat(bob.drops(DropReason.COOKIE_REQUIRED)).isGreaterThan(30_000);
    assertThat(bob.drops(DropReason.HANDSHAKE_QUEUE_FULL)).isPositive();
    recover();
  }

  @Test
  void anHonestPeerGetsThroughAFloodByItsCookie() {
    boolean connected = false;
    boolean provedItself = false;
    int ticks = 0;
    byte[] initiation = eve.initiationTo(bob.publicKey());
    send(carol, "10.0.0.3", "10.0.0.2", "let me in");
    while (!connected && ticks < 20_000 / TICK.toMillis()) {
      for (int i = 0; i < 250; i++) {
        eve.send(bob.host().endpoint(PORT), initiation);
      }
      passTick();
      ticks++;
      connected = received(bob).contains("let me in");
      provedItself |=
          eve.heard().stream()
              .anyMatch(sent ->
                  sent.type() == MessageType.INITIATION
                      && sent.source().sameRemote(carol.host().endpoint(PORT))
                      && hasMac2(sent));
      eve.forget();
    }
    assertThat(connected).as("connected within 20 s of flood").isTrue();
    assertThat(provedItself).as("with a cookie").isTrue();
    assertThat(bob.drops(DropReason.COOKIE_REQUIRED)).isPositive();
    recover();
  }

  @Test
  void aSourceThatOwnsItsAddressIsLimitedToTwentyASecond() {
    ToyHost home = tunnel.simulation.network().host("203.0.113.77");
    Endpoint address = home.endpoint(777);
    try (KeyArena arena = TestKeys.arena();
        CookieGenerator cookies = new CookieGenerator(arena, bob.publicKey())) {
      getCookie(cookies, address);
      long before = bob.drops(DropReason.INVALID_HANDSHAKE);
      int ticks = 400;
      for (int tick = 0; tick < ticks; tick++) {
        for (int i = 0; i < 100; i++) {
          byte[] message = eve.initiationTo(bob.publicKey());
          cookies.addMacs(
              MemorySegment.ofArray(message), 0, message.length, tunnel.simulation.clock().nowNs());
          tunnel
              .simulation
              .network()
              .inject(new Datagram(address, bob.host().endpoint(PORT), message));
          // Load that keeps Bob asking for cookies.
          tunnel
              .simulation
              .network()
              .inject(new Datagram(Eve.source(i), bob.host().endpoint(PORT), message));
        }
        passTick();
        exchangeData();
      }
      assertThat(bob.drops(DropReason.RATE_LIMITED)).isGreaterThan(1_000);
      assertThat(bob.drops(DropReason.COOKIE_REQUIRED))
          .as("the same messages from other addresses")
          .isGreaterThan(1_000);
      assertThat(bob.drops(DropReason.INVALID_HANDSHAKE) - before)
          .as("key agreements in two seconds")
          .isLessThanOrEqualTo(300);
    }
    recover();
  }

  /** Lets a tick pass in which Bob's conductor does no more than it could. */
  private void passTick() {
    Simulation simulation = tunnel.simulation;
    simulation.clock().advance(TICK);
    alice.step();
    carol.step();
    bob.stepPacketThreads();
    spareNs = Math.min(spareNs, 0) + TICK.toNanos();
    while (spareNs > 0) {
      long agreements = agreements();
      if (!bob.stepConductor()) {
        break;
      }
      spareNs -= (agreements() - agreements) * AGREEMENT_COST_NS + ROUND_MESSAGES * CHEAP_COST_NS;
    }
    bob.stepPacketThreads();
    alice.step();
    carol.step();
    bob.stepPacketThreads();
  }

  private long agreements() {
    return bob.drops(DropReason.INVALID_HANDSHAKE) + bob.peer(carol).handshakesCompleted();
  }

  private void exchangeData() {
    String text = "packet " + packets++;
    send(alice, "10.0.0.1", "10.0.0.2", text);
    alice.step();
    bob.stepPacketThreads();
    assertThat(received(bob)).containsExactly(text);
    send(bob, "10.0.0.2", "10.0.0.1", text);
    bob.stepPacketThreads();
    alice.step();
    assertThat(received(alice)).containsExactly(text);
  }

  /** No more than a tenth of the time was spent on key agreements. */
  private void assertAgreementsWereFew(int ticks) {
    assertThat(bob.drops(DropReason.INVALID_HANDSHAKE) * AGREEMENT_COST_NS)
        .isLessThan(Math.max(ticks * TICK.toNanos() / 10, 64 * AGREEMENT_COST_NS));
  }

  private void getCookie(CookieGenerator cookies, Endpoint address) {
    boolean got = false;
    for (int tick = 0; tick < 100 && !got; tick++) {
      byte[] message = eve.initiationTo(bob.publicKey());
      cookies.addMacs(
          MemorySegment.ofArray(message), 0, message.length, tunnel.simulation.clock().nowNs());
      tunnel.simulation.network().inject(new Datagram(address, bob.host().endpoint(PORT), message));
      for (int i = 0; i < 400; i++) {
        eve.send(bob.host().endpoint(PORT), message);
      }
      eve.forget();
      passTick();
      for (Datagram sent : eve.heard()) {
        if (sent.type() == MessageType.COOKIE_REPLY && sent.destination().sameRemote(address)) {
          got |=
              cookies.consumeReply(
                  MemorySegment.ofArray(sent.bytes()), 0, tunnel.simulation.clock().nowNs());
        }
      }
    }
    assertThat(got).as("a cookie").isTrue();
  }

  private static boolean hasMac2(Datagram initiation) {
    byte[] bytes = initiation.bytes();
    for (int i = bytes.length - 16; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        return true;
      }
    }
    return false;
  }

  /** When the flood is over, everything is as before. */
  private void recover() {
    received(bob);
    tunnel.simulation.run(Duration.ofSeconds(2));
    bob.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(carol.publicKey()))));
    tunnel.assertUnharmed();
  }
}
