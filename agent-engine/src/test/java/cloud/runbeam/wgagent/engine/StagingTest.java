package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.timer.ProtocolTimings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Packets that wait for a session: how many, and what becomes of them. */
@ExtendWith(LeakCheck.class)
class StagingTest {
  private AttackedTunnel tunnel;
  private SteppedDevice alice;
  private SteppedDevice bob;

  @BeforeEach
  void connect(TestInfo test) {
    tunnel = new AttackedTunnel(test.getDisplayName());
    alice = tunnel.alice;
    bob = tunnel.bob;
    tunnel.forgetSessions();
    tunnel.eve.holdBack(datagram -> true);
  }

  @AfterEach
  void end() {
    tunnel.close();
  }

  @Test
  void keepsTheNewestHundredAndTwentyEightPackets() {
    sendAndWait(1_000);
    assertThat(alice.buffersLent()).isEqualTo(ProtocolTimings.MAX_STAGED_PACKETS);
    assertThat(alice.drops(bob, DropReason.STAGING_OVERFLOW)).isEqualTo(872);
    tunnel.eve.letPass();
    tunnel.simulation.run(Duration.ofSeconds(6));

    List<String> arrived = received(bob);
    assertThat(arrived).hasSize(128).startsWith("packet 872").endsWith("packet 999");
    tunnel.assertUnharmed();
  }

  @Test
  void dropsThemWithAReasonWhenTheHandshakeIsGivenUp() {
    sendAndWait(50);
    tunnel.simulation.run(Duration.ofSeconds(102), Duration.ofMillis(50));
    assertThat(alice.drops(bob, DropReason.HANDSHAKE_GAVE_UP)).isEqualTo(50);
    assertThat(alice.buffersLent()).isZero();
    tunnel.eve.letPass();
    tunnel.simulation.run(Duration.ofSeconds(6));
    tunnel.assertUnharmed();
  }

  @Test
  void dropsThemWithAReasonWhenThePeerOrTheLinkGoes() {
    sendAndWait(50);
    alice.tun().setUp(false);
    assertThat(alice.drops(bob, DropReason.HANDSHAKE_GAVE_UP)).isEqualTo(50);
    assertThat(alice.buffersLent()).isZero();
    alice.tun().setUp(true);
    sendAndWait(50);
    alice.apply(DeviceChange.ofPeers(List.of(PeerChange.removal(bob.publicKey()))));
    assertThat(alice.buffersLent()).isZero();
    assertThat(alice.indexesInUse()).isZero();
  }

  private void sendAndWait(int packets) {
    for (int i = 0; i < packets; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "packet " + i);
      tunnel.simulation.settle();
    }
  }
}
