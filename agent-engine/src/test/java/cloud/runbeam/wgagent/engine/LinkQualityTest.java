package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloud.runbeam.wgagent.engine.status.LinkQuality;
import cloud.runbeam.wgagent.engine.testkit.Datagram;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.LinkConditions;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the counters say of a link, against what the simulated network did to it. */
@ExtendWith(LeakCheck.class)
class LinkQualityTest {
  private AttackedTunnel tunnel;
  private SteppedDevice alice;
  private SteppedDevice bob;

  @BeforeEach
  void connect(TestInfo test) {
    tunnel = new AttackedTunnel(test.getDisplayName());
    alice = tunnel.alice;
    bob = tunnel.bob;
    // What came before is out of the window of a minute.
    tunnel.simulation.run(Duration.ofSeconds(70), Duration.ofMillis(100));
  }

  @AfterEach
  void end() {
    tunnel.close();
  }

  @Test
  void findsNothingWrongWithAGoodLink() {
    sendForHalfAMinute();
    LinkQuality quality = quality();
    assertThat(quality.lossRatio()).hasValue(0);
    assertThat(quality.reorderRatio()).hasValue(0);
    assertThat(quality.duplicateRatio()).hasValue(0);
    assertThat(quality.silentFor().orElseThrow()).isLessThan(Duration.ofMillis(100));
  }

  @Test
  void tellsTheShareOfPacketsThatWasLost() {
    int[] sent = {0};
    int[] lost = {0};
    tunnel
        .simulation
        .network()
        .filter(datagram -> {
          boolean loses = isFromAlice(datagram) && sent[0]++ % 8 == 3;
          lost[0] += loses ? 1 : 0;
          return !loses;
        });
    sendForHalfAMinute();
    assertThat(quality().lossRatio().orElseThrow())
        .isCloseTo((double) lost[0] / sent[0], within(0.005));
    assertThat(quality().reorderRatio()).hasValue(0);
  }

  @Test
  void tellsTheShareOfPacketsThatCameTwice() {
    int[] sent = {0};
    List<Datagram> again = new ArrayList<>();
    tunnel
        .simulation
        .network()
        .tap(datagram -> {
          if (isFromAlice(datagram) && sent[0]++ % 10 == 0) {
            again.add(datagram);
          }
        });
    sendForHalfAMinute();
    again.forEach(tunnel.simulation.network()::inject);
    tunnel.simulation.settle();
    assertThat(quality().duplicateRatio().orElseThrow())
        .isCloseTo((double) again.size() / sent[0], within(0.005));
    assertThat(quality().lossRatio()).hasValue(0);
  }

  @Test
  void tellsTheShareOfPacketsThatCameLate() {
    int[] sent = {0};
    List<Datagram> late = new ArrayList<>();
    int[] delayed = {0};
    tunnel
        .simulation
        .network()
        .filter(datagram -> {
          if (isFromAlice(datagram)) {
            if (sent[0]++ % 5 == 0) {
              late.add(datagram);
              delayed[0]++;
              return false;
            }
          }
          return true;
        });
    for (int i = 0; i < 1_500; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "packet " + i);
      tunnel.simulation.run(Duration.ofMillis(20));
      if (i % 5 == 3) {
        late.forEach(tunnel.simulation.network()::inject);
        late.clear();
        tunnel.simulation.settle();
      }
    }
    assertThat(received(bob)).hasSize(1_500);
    assertThat(quality().reorderRatio().orElseThrow())
        .isCloseTo((double) delayed[0] / sent[0], within(0.005));
    assertThat(quality().lossRatio()).hasValue(0);
  }

  @Test
  void agreesWithChanceOverANewSession() {
    // Long enough that a session ends and another begins within the window.
    tunnel.simulation.conditions(
        new LinkConditions(0.1, 0.05, Duration.ofMillis(10), Duration.ofMillis(12)));
    for (int i = 0; i < 7_500; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "packet " + i);
      tunnel.simulation.run(Duration.ofMillis(20));
    }
    LinkQuality quality = quality();
    assertThat(bob.peer(alice).handshakesCompleted()).isGreaterThanOrEqualTo(3);
    assertThat(quality.lossRatio().orElseThrow()).isCloseTo(0.1, within(0.03));
    assertThat(quality.duplicateRatio().orElseThrow()).isCloseTo(0.05, within(0.02));
    assertThat(quality.reorderRatio().orElseThrow()).isLessThan(0.01);
    received(bob);
  }

  @Test
  void knowsWhoIsSilentAndSinceWhen() {
    tunnel.talk();
    tunnel.simulation.network().filter(datagram -> !isFromAlice(datagram));
    tunnel.simulation.run(Duration.ofSeconds(40), Duration.ofMillis(100));
    assertThat(quality().silentFor()).hasValue(Duration.ofSeconds(40));
    // After a minute nothing is known of the link but that.
    tunnel.simulation.run(Duration.ofSeconds(40), Duration.ofMillis(100));
    assertThat(quality().lossRatio()).isEmpty();
    assertThat(quality().silentFor()).hasValue(Duration.ofSeconds(80));
  }

  @Test
  void measuresTheRoundTripOfItsHandshakes() {
    tunnel.forgetSessions();
    tunnel.simulation.conditions(LinkConditions.delayed(Duration.ofMillis(35)));
    send(alice, "10.0.0.1", "10.0.0.2", "ping");
    tunnel.simulation.run(Duration.ofMillis(200));
    assertThat(alice.peer(bob).handshakeRoundTrip()).hasValue(Duration.ofMillis(70));
    assertThat(alice.peer(bob).handshakesUnanswered()).isZero();
    received(bob);
  }

  private void sendForHalfAMinute() {
    for (int i = 0; i < 1_500; i++) {
      send(alice, "10.0.0.1", "10.0.0.2", "packet " + i);
      tunnel.simulation.run(Duration.ofMillis(20));
    }
    received(bob);
  }

  private LinkQuality quality() {
    return bob.peer(alice).quality();
  }

  private boolean isFromAlice(Datagram datagram) {
    return datagram.type() == MessageType.TRANSPORT
        && datagram.source().sameRemote(alice.host().endpoint(AttackedTunnel.PORT));
  }
}
