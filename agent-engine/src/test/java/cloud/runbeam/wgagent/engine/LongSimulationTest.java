package cloud.runbeam.wgagent.engine;

import static cloud.runbeam.wgagent.engine.AttackedTunnel.PORT;
import static cloud.runbeam.wgagent.engine.Simulation.received;
import static cloud.runbeam.wgagent.engine.Simulation.send;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.LinkConditions;
import cloud.runbeam.wgagent.engine.testkit.MemoryTimestampStore;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Hours in which everything happens that a network, a host and an operator do. Bob is a hub; Alice
 * lives behind a NAT that forgets her; Carol restarts now and then.
 */
@ExtendWith(LeakCheck.class)
class LongSimulationTest {
  private static final Duration TICK = Duration.ofMillis(25);
  private static final int HOURS = 3;
  private static final int SECONDS_BETWEEN_CALMS = 600;

  /** Pending handshake, and the previous, current and next session. */
  private static final int INDEXES_PER_PEER = 4;

  /** Two for each session; ephemeral key, chaining key and hash of each half of a handshake. */
  private static final int KEYS_PER_PEER = 6 + 8;

  private static final int STAGED_PER_PEER = 128;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void tunnelsRecoverFromEverythingAndNothingGrows(int number) {
    try (World world = new World("long simulation " + number)) {
      for (int second = 0; second < HOURS * 3_600; second++) {
        world.livesThrough(second);
      }
      assertThat(world.delivered).hasSizeGreaterThan(HOURS * 3_600 / 2);
    }
  }

  /** The three, and the weather. */
  private static final class World implements AutoCloseable {
    private final Set<String> delivered = new HashSet<>();
    private final MemoryTimestampStore carolsState = new MemoryTimestampStore();
    private final Simulation simulation;
    private final SplittableRandom random;
    private final SteppedDevice alice;
    private final SteppedDevice bob;
    private final int bobsKeysAtFirst;
    private SteppedDevice carol;
    private int said;

    World(String name) {
      simulation = new Simulation(name);
      random = simulation.random().split();
      alice = simulation.device("alice", "192.0.2.1", PORT);
      alice.host().behindNat("198.51.100.1");
      bob = simulation.device("bob", "192.0.2.2", PORT);
      ToyHost carolsHost = simulation.network().host("192.0.2.3");
      carol = simulation.device("carol", carolsHost, PORT, carolsState);
      Endpoint hub = ToyHost.endpoint("192.0.2.2", PORT);
      simulation.introduce(alice, bob, hub, 25, "10.0.0.2/32", "10.0.0.3/32");
      simulation.introduce(carol, bob, hub, "10.0.0.2/32");
      simulation.introduce(bob, alice, null, "10.0.0.1/32");
      simulation.introduce(bob, carol, carolsHost.endpoint(PORT), "10.0.0.3/32");
      bobsKeysAtFirst = bob.keys().keysInUse();
    }

    void livesThrough(int second) {
      if (second % SECONDS_BETWEEN_CALMS == SECONDS_BETWEEN_CALMS - 1) {
        calm();
      } else if (random.nextInt(20) == 0) {
        somethingHappens();
      }
      chatter();
      simulation.run(Duration.ofSeconds(1), TICK);
      look();
    }

    private void chatter() {
      if (random.nextInt(3) > 0) {
        say(alice, "10.0.0.1", "10.0.0.2");
      }
      if (random.nextInt(3) > 0) {
        say(bob, "10.0.0.2", "10.0.0.1");
      }
      if (random.nextInt(40) == 0) {
        say(carol, "10.0.0.3", "10.0.0.2");
        say(bob, "10.0.0.2", "10.0.0.3");
      }
    }

    private String say(SteppedDevice from, String source, String destination) {
      String text = source + ">" + destination + " " + said++;
      send(from, source, destination, text);
      return text;
    }

    private void somethingHappens() {
      switch (random.nextInt(10)) {
        case 0 -> simulation.conditions(LinkConditions.PERFECT);
        case 1 -> simulation.conditions(LinkConditions.delayed(millis(300)));
        case 2 ->
            simulation.conditions(
                new LinkConditions(0.3, 0, Duration.ofMillis(20), Duration.ofMillis(20)));
        case 3 ->
            simulation.conditions(
                new LinkConditions(0.1, 0.3, Duration.ofMillis(1), millis(2_000).plusMillis(1)));
        case 4 -> simulation.network().filter(datagram -> false);
        case 5 -> {
          // One direction only.
          ToyHost deaf = bob.host();
          simulation
              .network()
              .filter(datagram -> !datagram.source().sameRemote(deaf.endpoint(PORT)));
        }
        case 6 -> alice.host().rebindNat();
        case 7 -> simulation.clock().jumpWall(Duration.ofDays(random.nextInt(-4_000, 4_000)));
        case 8 -> {
          alice.tun().setUp(false);
          alice.tun().setUp(true);
        }
        default -> {
          ToyHost host = carol.host();
          simulation.kill(carol);
          carol = simulation.device("carol", host, PORT, carolsState);
          simulation.introduce(carol, bob, ToyHost.endpoint("192.0.2.2", PORT), "10.0.0.2/32");
        }
      }
    }

    /** The network behaves for a while; within it, everybody reaches everybody again. */
    private void calm() {
      simulation.network().filter(datagram -> true);
      simulation.conditions(LinkConditions.PERFECT);
      for (int second = 0; second < 25; second++) {
        say(alice, "10.0.0.1", "10.0.0.2");
        say(carol, "10.0.0.3", "10.0.0.2");
        simulation.run(Duration.ofSeconds(1), TICK);
        look();
      }
      List<String> expected =
          List.of(
              say(alice, "10.0.0.1", "10.0.0.2"),
              say(carol, "10.0.0.3", "10.0.0.2"),
              say(bob, "10.0.0.2", "10.0.0.1"),
              say(bob, "10.0.0.2", "10.0.0.3"));
      simulation.run(Duration.ofSeconds(1), TICK);
      look();
      assertThat(delivered).as("delivered after the network came back").containsAll(expected);
      assertThat(bob.buffersLent()).isZero();
    }

    private void look() {
      check(alice, "10.0.0.1");
      check(bob, "10.0.0.2");
      check(carol, "10.0.0.3");
      assertThat(bob.indexesInUse()).isLessThanOrEqualTo(2 * INDEXES_PER_PEER);
      assertThat(bob.keys().keysInUse()).isLessThanOrEqualTo(bobsKeysAtFirst + 2 * KEYS_PER_PEER);
      assertThat(bob.buffersLent()).isLessThanOrEqualTo(2 * STAGED_PER_PEER);
    }

    private void check(SteppedDevice device, String address) {
      for (String text : received(device)) {
        assertThat(text).as("for %s", address).contains(">" + address + " ");
        assertThat(delivered.add(text)).as("%s delivered once", text).isTrue();
      }
    }

    private Duration millis(int most) {
      return Duration.ofMillis(random.nextInt(1, most));
    }

    @Override
    public void close() {
      simulation.close();
    }
  }
}
