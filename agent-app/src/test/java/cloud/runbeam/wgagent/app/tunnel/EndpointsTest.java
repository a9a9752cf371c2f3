package cloud.runbeam.wgagent.app.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.platform.api.NetworkChange;
import cloud.runbeam.wgagent.platform.api.NetworkChange.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where a peer is called that never answers: the engine is real, the network loses everything, and
 * time passes when the test says so.
 */
@Timeout(60)
class EndpointsTest {
  private static final String FIRST = "192.0.2.1:1";
  private static final String SECOND = "192.0.2.2:2";
  private static final Duration SECOND_OF_TIME = Duration.ofSeconds(1);

  @TempDir private Path directory;
  private final ManualClock clock = new ManualClock();
  private TestNetworks world;
  private TunnelService tunnels;
  private Subscription moves;

  @BeforeEach
  void makeMachine() throws Exception {
    world = new TestNetworks(directory);
    world.platform.useClock(clock);
    tunnels = new TunnelService(List.of(), world.ports());
    moves = tunnels.events().subscribe(Set.of(), 1);
  }

  @AfterEach
  void takeDown() {
    tunnels.disconnectAll();
    world.assertNothingLeft();
    world.close();
  }

  @Test
  void movesOnAfterFifteenSecondsAndComesBackNotBeforeAMinute() throws Exception {
    connect("\"" + FIRST + "\", \"" + SECOND + "\"");
    assertThat(endpoint()).isEqualTo(FIRST);

    List<String> path = new ArrayList<>();
    for (int second = 0; second < 85; second++) {
      passOneSecond();
      if (!path.isEmpty() && path.getLast().equals(endpoint())) {
        continue;
      }
      path.add(endpoint());
    }

    assertThat(path).startsWith(FIRST, SECOND, FIRST);
    TunnelEvent first = moves.poll().orElseThrow();
    assertThat(first.peer()).contains("core");
    assertThat(first.data())
        .containsEntry("endpoint", SECOND)
        .containsEntry("previous", FIRST)
        .containsEntry("reason", "no answer");
    assertThat(world.platform.sentTo(SECOND)).isGreaterThan(1);
  }

  @Test
  void asksAgainForANameWhileThereIsNoDns() throws Exception {
    world.resolve("vpn.example");
    connect("\"vpn.example:7\"");
    assertThat(tunnels.status("default").orElseThrow().endpointProblems()).hasSize(1);
    world.resolve("vpn.example", "192.0.2.7");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          passOneSecond();
          return peerEndpoint().isPresent();
        });

    assertThat(endpoint()).isEqualTo("192.0.2.7:7");
    assertThat(tunnels.status("default").orElseThrow().endpointProblems()).isEmpty();
    assertThat(moves.poll().orElseThrow().data()).containsEntry("reason", "resolved");
    await().atMost(Duration.ofSeconds(20)).until(() -> world.platform.sentTo("192.0.2.7:7") > 0);
  }

  @Test
  void asksAgainForTheNameOfAPeerThatDoesNotAnswer() throws Exception {
    world.resolve("vpn.example", "192.0.2.7");
    connect("\"vpn.example:7\"");
    assertThat(endpoint()).isEqualTo("192.0.2.7:7");
    world.resolve("vpn.example", "2001:db8::8");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          passOneSecond();
          return endpoint().equals("[2001:db8::8]:7");
        });
  }

  @Test
  void choosesAnAddressWithARouteWhenTheNetworkChanges() throws Exception {
    world.resolve("vpn.example", "192.0.2.7", "2001:db8::7");
    connect("\"vpn.example:7\"");
    assertThat(endpoint()).isEqualTo("192.0.2.7:7");
    world.platform.setReachable("192.0.2.7", false);

    tunnels.networkChanged(new NetworkChange(Set.of(Kind.ROUTE), Set.of("wg0")));
    tunnels.tick();
    assertThat(endpoint()).as("only our own interface changed").isEqualTo("192.0.2.7:7");
    tunnels.networkChanged(new NetworkChange(Set.of(Kind.ROUTE), Set.of("eth0")));
    tunnels.tick();

    assertThat(endpoint()).isEqualTo("[2001:db8::7]:7");
    assertThat(moves.poll().orElseThrow().data()).containsEntry("reason", "no route");
  }

  @Test
  void callsAtOnceWhenTheWayChanges() throws Exception {
    connect("\"" + FIRST + "\"");
    passOneSecond();
    clock.advance(Duration.ofSeconds(6));
    int before = world.platform.sentTo(FIRST);

    NetworkChange news = new NetworkChange(Set.of(Kind.ROUTE), Set.of("eth0"));
    tunnels.networkChanged(news);
    tunnels.tick();
    world.platform.setGateway("192.0.2.253");
    tunnels.networkChanged(news);
    tunnels.tick();

    await().atMost(Duration.ofSeconds(20)).until(() -> world.platform.sentTo(FIRST) > before);
  }

  @Test
  void followsThePathWithTheMtu() throws Exception {
    connect("\"" + FIRST + "\"");
    assertThat(world.platform.done()).contains("mtu 1420 dev wg0");
    world.platform.setPathMtu(1_400);

    tunnels.networkChanged(new NetworkChange(Set.of(Kind.LINK), Set.of("eth0")));
    tunnels.tick();

    assertThat(world.platform.done()).contains("mtu 1320 dev wg0");
  }

  @Test
  void comesUpWhileTheResolverKeepsSilent() throws Exception {
    world.hang("vpn.example");
    connect("\"vpn.example:7\"");

    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(
            tunnels.status("default").orElseThrow().endpointProblems().values().iterator().next())
        .startsWith("no answer yet about vpn.example, the endpoint of peer core");
    world.answer("vpn.example", "192.0.2.7");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          passOneSecond();
          return peerEndpoint().isPresent();
        });
  }

  @Test
  void slowStepsOfOneNetworkDelayNobodyElse() throws Exception {
    connect("\"" + FIRST + "\"");
    CountDownLatch slow = new CountDownLatch(1);
    world.platform.slow("tun wg1", slow);
    NetworkConfig other =
        world.network("[network.slow]\ninterface = \"wg1\"\nprivate_key_path = \"own.key\"\n");
    CompletableFuture<NetworkStatus> connecting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return tunnels.connect(other, false);
              } catch (TunnelException refused) {
                throw new CompletionException(refused);
              }
            },
            world.ports().background());
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> state("slow").equals(Optional.of(TunnelState.STARTING)));

    tunnels.networkChanged(new NetworkChange(Set.of(Kind.RESUMED), Set.of()));
    tunnels.tick();
    NetworkStatus _ = tunnels.disconnect("default");
    NetworkStatus _ = tunnels.connect("default");

    assertThat(state("default")).contains(TunnelState.ACTIVE);
    assertThat(state("slow")).contains(TunnelState.STARTING);
    slow.countDown();
    assertThat(connecting.get(20, TimeUnit.SECONDS).state()).isEqualTo(TunnelState.ACTIVE);
  }

  private Optional<TunnelState> state(String network) {
    return tunnels.status(network).map(NetworkStatus::state);
  }

  private void connect(String endpoints) throws Exception {
    tunnels =
        world.service(
            """
            [network.default]
            interface = "wg0"
            private_key_path = "own.key"
            [[network.default.peers]]
            name = "core"
            public_key = "%s"
            endpoint = [%s]
            allowed_ips = "10.42.0.0/16"
            persistent_keepalive_secs = 25
            """
                .formatted(KeyFixtures.publicKey("test key core"), endpoints));
    tunnels.connectAll();
    moves = tunnels.events().subscribe(Set.of(Topic.ENDPOINT), 100);
    tunnels.tick();
  }

  /** The conductor sleeps by the clock of the machine: a change wakes it. */
  private void passOneSecond() throws Exception {
    clock.advance(SECOND_OF_TIME);
    world.engine.devices().getFirst().apply(DeviceChange.ofPeers(List.of()));
    world.engine.devices().getFirst().apply(DeviceChange.ofPeers(List.of()));
    tunnels.tick();
  }

  private Optional<String> peerEndpoint() {
    return TestNetworks.peer(tunnels, "default", "core").endpoint().map(Object::toString);
  }

  private String endpoint() {
    return peerEndpoint().orElse("none");
  }
}
