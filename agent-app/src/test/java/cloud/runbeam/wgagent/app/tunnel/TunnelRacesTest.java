package cloud.runbeam.wgagent.app.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.tunnel.NetworkDiff.Action;
import cloud.runbeam.wgagent.app.tunnel.TunnelException.Reason;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.NetworkChange;
import cloud.runbeam.wgagent.platform.api.NetworkChange.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many callers at once: no half states, no deadlock, nothing left; and many reloads in a row. */
@Timeout(120)
class TunnelRacesTest {
  private static final int CALLERS = 16;
  private static final int STEPS = 40;

  @TempDir private Path directory;

  @Test
  void leavesNoHalfStateWhateverCallersDoAtOnce() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    try (TestNetworks world = new TestNetworks(directory)) {
      List<NetworkConfig> little = world.networks(network("a", "wg1", 2) + network("b", "wg2", 3));
      List<NetworkConfig> much = world.networks(network("a", "wg1", 9) + network("c", "wg3", 4));
      NetworkConfig ofApi = world.network(network("api", "wg4", 2));
      PeerConfig peer = world.network(network("a", "wg1", 30)).peers().getLast();
      TunnelService tunnels = new TunnelService(little, world.ports());
      ConfirmedApply confirmed = new ConfirmedApply(tunnels, world.platform.monotonicClock());
      Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
      AtomicInteger done = new AtomicInteger();
      AtomicBoolean over = new AtomicBoolean();
      Thread watcher = Thread.ofPlatform().start(() -> watch(tunnels, over, faults));
      CountDownLatch ended = new CountDownLatch(CALLERS);
      for (int caller = 0; caller < CALLERS; caller++) {
        Random random = new Random(seed + caller);
        Thread _ =
            Thread.startVirtualThread(() -> {
              try {
                for (int step = 0; step < STEPS; step++) {
                  act(tunnels, confirmed, random, List.of(little, much), ofApi, peer);
                  done.incrementAndGet();
                }
              } catch (RuntimeException | Error fault) {
                faults.add(fault);
              } finally {
                ended.countDown();
              }
            });
      }
      assertThat(ended.await(100, TimeUnit.SECONDS)).as("no deadlock").isTrue();
      over.set(true);
      watcher.join();

      assertThat(faults).isEmpty();
      assertThat(done).hasValue(CALLERS * STEPS);
      for (NetworkStatus status : tunnels.status()) {
        assertThat(status.state())
            .isIn(
                TunnelState.ACTIVE,
                TunnelState.STOPPED,
                TunnelState.UNINITIALIZED,
                TunnelState.ERROR);
      }
      List<NetworkDiff> _ = tunnels.reload(little);
      assertThat(tunnels.plan(little)).extracting(NetworkDiff::action).containsOnly(Action.NONE);
      tunnels.disconnectAll();
      world.assertNothingLeft();
    }
  }

  /** Whoever sees a network active sees its device, with the peers of some settings. */
  private static void watch(TunnelService tunnels, AtomicBoolean over, Queue<Throwable> faults) {
    try {
      while (!over.get()) {
        for (NetworkStatus status : tunnels.status()) {
          assertThat(status.device().isPresent())
              .as("%s is %s", status.name(), status.state())
              .isEqualTo(status.state() == TunnelState.ACTIVE);
          assertThat(status.failure().isPresent()).isEqualTo(status.state() == TunnelState.ERROR);
        }
        tunnels.networkChanged(new NetworkChange(Set.of(Kind.ROUTE), Set.of("eth0")));
        tunnels.tick();
        LockSupport.parkNanos(1_000_000);
      }
    } catch (RuntimeException | AssertionError fault) {
      faults.add(fault);
    }
  }

  private static void act(
      TunnelService tunnels,
      ConfirmedApply confirmed,
      Random random,
      List<List<NetworkConfig>> files,
      NetworkConfig ofApi,
      PeerConfig peer) {
    String name = List.of("a", "b", "c", "api").get(random.nextInt(4));
    try {
      Object _ =
          switch (random.nextInt(10)) {
            case 0, 1 -> tunnels.connect(name);
            case 2, 3 -> tunnels.disconnect(name);
            case 4 -> tunnels.reload(files.get(random.nextInt(2)));
            case 5 -> tunnels.connect(ofApi, random.nextInt(4) == 0);
            case 6 -> tunnels.setPeer("a", peer);
            case 7 -> tunnels.removePeer("a", peer.publicKey());
            case 8 -> {
              tunnels.forget("api");
              yield name;
            }
            default -> {
              var _ = confirmed.apply(files.get(random.nextInt(2)), Duration.ofSeconds(10));
              if (random.nextBoolean()) {
                confirmed.rollBack();
                yield name;
              }
              yield confirmed.confirm();
            }
          };
    } catch (TunnelException refused) {
      // What the state does not allow is refused; what the machine refuses would be a fault.
      if (refused.reason() == Reason.PLATFORM) {
        throw new AssertionError(refused);
      }
    }
  }

  @Test
  void reloadsAThousandTimesWithAThousandPeersAndKeepsNothing() throws Exception {
    try (TestNetworks world = new TestNetworks(directory)) {
      List<NetworkConfig> one = world.networks(network("a", "wg1", 1_000));
      List<NetworkConfig> other = List.of(one.getFirst().withPeers(rotated(one.getFirst())));
      TunnelService tunnels = new TunnelService(one, world.ports());
      tunnels.connectAll();
      int keys = world.engine.keys().keysInUse();
      long slowestNs = 0;

      for (int i = 0; i < 1_000; i++) {
        long begin = System.nanoTime();
        List<NetworkDiff> diffs = tunnels.reload(i % 2 == 0 ? other : one);
        slowestNs = Math.max(slowestNs, System.nanoTime() - begin);
        assertThat(diffs.getFirst().peersAdded()).hasSize(1);
        assertThat(diffs.getFirst().peersRemoved()).hasSize(1);
        assertThat(diffs.getFirst().peersUpdated()).hasSize(1);
      }

      System.out.println("slowest reload of 1,000 peers: " + slowestNs / 1_000_000 + " ms");
      assertThat(TestNetworks.device(tunnels, "a").peers()).hasSize(1_000);
      assertThat(world.platform.installedRoutes()).hasSize(1_000);
      assertThat(world.engine.keys().keysInUse()).isEqualTo(keys);
      tunnels.disconnectAll();
      world.assertNothingLeft();
    }
  }

  /** One peer less, one more, one changed. */
  private static List<PeerConfig> rotated(NetworkConfig network) {
    List<PeerConfig> peers = new ArrayList<>(network.peers());
    PeerConfig first = peers.removeFirst();
    peers.set(500, peers.get(500).withAllowedIps(List.of()));
    peers.add(
        new PeerConfig(
            "newcomer",
            Snapshots.key("newcomer"),
            first.presharedKey(),
            first.endpoints(),
            List.of(IpPrefix.parse("172.16.0.1/32"), IpPrefix.parse("172.16.0.2/32")),
            0,
            first.probe(),
            "",
            first.position()));
    return peers;
  }

  private static String network(String name, String interfaceName, int peers) {
    StringBuilder text = new StringBuilder("[network." + name + "]\n");
    text.append("interface = \"").append(interfaceName).append("\"\n");
    text.append("private_key_path = \"own.key\"\n");
    int subnet = name.charAt(0);
    for (int i = 0; i < peers; i++) {
      text.append("[[network." + name + ".peers]]\n");
      text.append("public_key = \"" + KeyFixtures.base64(name + i) + "\"\n");
      if (i % 10 == 0) {
        text.append("endpoint = \"192.0.2.1:" + (1 + i) + "\"\n");
      }
      text.append("allowed_ips = \"10." + subnet + "." + (i >> 8) + "." + (i & 255) + "/32\"\n");
    }
    return text.toString();
  }
}
