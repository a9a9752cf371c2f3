package cloud.runbeam.wgagent.app.probe;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.Echoes.Outcome;
import cloud.runbeam.wgagent.platform.api.Echoes.Reply;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProbeAgentTest {
  private static final NetworkStatus PLAIN = Snapshots.active(Snapshots.activePeer("core"));

  private final List<String> done = new ArrayList<>();
  private NetworkStatus network = probed(PLAIN);
  private int limitBytes = 1_420;
  private boolean answering = true;
  private long nowNs = 1;

  private final ProbeAgent agent =
      new ProbeAgent(
          () -> List.of(network),
          (interfaceName, address, packetBytes, timeout) -> {
            assertThat(interfaceName).isEqualTo("wg0");
            assertThat(address.addressText()).isEqualTo("10.42.0.1");
            return answering && packetBytes <= limitBytes
                ? new Reply(Outcome.ANSWERED, Duration.ofMillis(7))
                : Reply.without(Outcome.LOST);
          },
          new Routes(),
          () -> nowNs,
          (name, peer, mtuBytes) -> done.add("told " + name + " " + peer + " " + mtuBytes));

  /** The same with its first peer probed, and routes to it. */
  private static NetworkStatus probed(NetworkStatus plain) {
    PeerConfig core = plain.config().peers().getFirst();
    PeerConfig peer =
        new PeerConfig(
            core.name(),
            core.publicKey(),
            core.presharedKey(),
            core.endpoints(),
            List.of(IpPrefix.parse("10.42.0.0/16"), IpPrefix.parse("fd42::/48")),
            core.persistentKeepaliveSeconds(),
            Optional.of(IpPrefix.parse("10.42.0.1")),
            core.key(),
            core.position());
    return new NetworkStatus(
        plain.config().withPeers(List.of(peer)),
        plain.state(),
        plain.failure(),
        plain.uptime(),
        plain.device());
  }

  private ProbeResult pass(int times) {
    for (int i = 0; i < times; i++) {
      nowNs += agent.pass().toNanos();
    }
    return agent.of("default", Snapshots.key("core")).orElseThrow();
  }

  @Test
  void measuresLatencyAndLoss() {
    ProbeResult good = pass(1);
    assertThat(good.latency()).contains(Duration.ofMillis(7));
    assertThat(good.lossRatio()).isZero();
    assertThat(good.pathMtuBytes()).hasValue(1_420);
    answering = false;
    assertThat(pass(1).lossRatio()).isEqualTo(0.5);
    ProbeResult silent = pass(ProbeResult.WINDOW);
    assertThat(silent.lossRatio()).isEqualTo(1);
    assertThat(silent.problem().orElseThrow()).contains("does not answer", "wg-agent why");
  }

  @Test
  void lowersTheRoutesToAPeerBehindABlackHoleAndRaisesThemAgain() {
    limitBytes = 1_300;
    ProbeResult hole = pass(60);
    assertThat(hole.blackHole()).isTrue();
    int found = hole.pathMtuBytes().orElseThrow();
    assertThat(found).isBetween(1_284, 1_300);
    assertThat(done)
        .containsExactly(
            "wg0 10.42.0.0/16 254 " + found,
            "wg0 fd42::/48 254 " + found,
            "told default core " + found);
    done.clear();
    limitBytes = 1_420;
    assertThat(pass(200).blackHole()).isFalse();
    assertThat(done)
        .containsExactly("wg0 10.42.0.0/16 254 0", "wg0 fd42::/48 254 0", "told default core 0");
  }

  @Test
  void forgetsPeersThatAreNotProbedAnyMore() {
    pass(1);
    network = PLAIN;
    assertThat(agent.hasWork()).isFalse();
    agent.pass();
    assertThat(agent.of("default", Snapshots.key("core"))).isEmpty();
    network = Snapshots.idle(TunnelState.STOPPED, Optional.empty());
    assertThat(agent.hasWork()).isFalse();
  }

  /** Remembers what MTU each route was given. */
  private final class Routes implements RouteTable {
    @Override
    public void add(String interfaceName, IpPrefix prefix, int table) {
      throw new AssertionError("no route is added");
    }

    @Override
    public void remove(String interfaceName, IpPrefix prefix, int table) {
      throw new AssertionError("no route is removed");
    }

    @Override
    public OptionalInt pathMtu(Endpoint endpoint) {
      return OptionalInt.empty();
    }

    @Override
    public boolean setMtu(String interfaceName, IpPrefix prefix, int table, int mtuBytes)
        throws PlatformException {
      done.add(interfaceName + " " + prefix + " " + table + " " + mtuBytes);
      return true;
    }
  }
}
