package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.AGENT;
import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.WIREGUARD_GO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes while the tunnel is up: our device in namespace a, wireguard-go in namespace b. */
@SuppressWarnings("NullAway.Init")
final class LiveChangeIT {
  private NetnsPair pair;
  private TunnelEnd agent;
  private TunnelEnd other;

  @BeforeEach
  void tunnel() {
    pair = new NetnsPair();
    agent = TunnelEnd.start(pair, "a", AGENT);
    other = TunnelEnd.start(pair, "b", WIREGUARD_GO);
    agent.addPeer(other, "10.99.0.2:" + TunnelEnd.PORT);
    other.addPeer(agent, "10.99.0.1:" + TunnelEnd.PORT);
    agent.linkUp();
    other.linkUp();
    agent.awaitPing(other.ipv4());
  }

  @AfterEach
  void close() {
    pair.close();
  }

  @Test
  void weFollowAPeerThatMoves() {
    other.run("ip", "addr", "del", "10.99.0.2/24", "dev", pair.veth("b"));
    other.run("ip", "addr", "add", "10.99.0.3/24", "dev", pair.veth("b"));
    // Debian's wireguard-go keeps sending from the address that is gone until it is told where to.
    other.wgSet("peer", agent.publicKey(), "endpoint", "10.99.0.1:" + TunnelEnd.PORT);

    other.awaitPing(agent.ipv4());

    assertThat(agent.show("endpoints")).isEqualTo("10.99.0.3:" + TunnelEnd.PORT);
    assertThat(agent.pings(other.ipv4())).isTrue();
  }

  @Test
  void aPeerFollowsUsWhenWeMove() {
    agent.run("ip", "addr", "del", "10.99.0.1/24", "dev", pair.veth("a"));
    agent.run("ip", "addr", "add", "10.99.0.4/24", "dev", pair.veth("a"));

    agent.awaitPing(other.ipv4());

    assertThat(other.show("endpoints")).isEqualTo("10.99.0.4:" + TunnelEnd.PORT);
  }

  @Test
  void aPeerMovesFromIpv4ToIpv6() {
    other.wgSet("peer", agent.publicKey(), "endpoint", "[fd99::1]:" + TunnelEnd.PORT);

    other.awaitPing(agent.ipv4());

    assertThat(agent.show("endpoints")).isEqualTo("[fd99::2]:" + TunnelEnd.PORT);
    assertThat(agent.pings(other.ipv6())).isTrue();
  }

  @Test
  void privateKeyIsReplacedLive() {
    String newKey = Shell.run("wg", "genkey").strip();
    String newPublic = Shell.execute(newKey, "wg", "pubkey").expectSuccess().strip();

    agent.wgSet("private-key", agent.keyFile(newKey).toString());
    assertThat(agent.show("public-key")).isEqualTo(newPublic);
    other.wgSet(
        "peer",
        agent.publicKey(),
        "remove",
        "peer",
        newPublic,
        "allowed-ips",
        agent.ipv4() + "/32");

    agent.awaitPing(other.ipv4());
  }

  @Test
  void presharedKeyMustMatch() {
    String psk = Shell.run("wg", "genpsk").strip();
    agent.wgSet("peer", other.publicKey(), "preshared-key", agent.keyFile(psk).toString());
    other.wgSet("peer", agent.publicKey(), "remove");
    other.wgSet("peer", agent.publicKey(), "allowed-ips", agent.ipv4() + "/32");
    agent.run("ip", "link", "set", agent.name(), "down");
    agent.run("ip", "link", "set", agent.name(), "up");
    assertThat(agent.pings(other.ipv4())).as("with a key on one side only").isFalse();

    other.wgSet("peer", agent.publicKey(), "preshared-key", other.keyFile(psk).toString());

    agent.awaitPing(other.ipv4());
  }

  @Test
  void aRemovedPeerIsCutOff() {
    agent.wgSet("peer", other.publicKey(), "remove");

    assertThat(agent.pings(other.ipv4())).isFalse();
    assertThat(other.pings(agent.ipv4())).isFalse();
    assertThat(agent.run("wg", "show", agent.name(), "peers").strip()).isEmpty();
  }

  @Test
  void linkDownClosesTheSocketAndLinkUpOpensIt() {
    agent.run("ip", "link", "set", agent.name(), "down");
    await().atMost(NetnsPair.PATIENCE).until(() -> sockets().isEmpty());
    assertThat(other.pings(agent.ipv4())).isFalse();

    agent.run("ip", "link", "set", agent.name(), "up");

    await().atMost(NetnsPair.PATIENCE).until(() -> !sockets().isEmpty());
    agent.awaitPing(other.ipv4());
  }

  private String sockets() {
    return agent.run("ss", "-Huln", "sport = :" + TunnelEnd.PORT).strip();
  }

  @Test
  void packetsWithAForeignSourceAreDropped() {
    other.run("ip", "addr", "add", "192.168.178.9/32", "dev", other.name());
    agent.run("ip", "route", "add", "192.168.178.9/32", "dev", agent.name());
    long before = agent.receivedPackets();

    Shell.Result spoofed =
        pair.attempt(
            other.namespace(),
            "",
            "ping",
            "-n",
            "-c",
            "3",
            "-i",
            "0.2",
            "-W",
            "1",
            "-I",
            "192.168.178.9",
            agent.ipv4());

    assertThat(spoofed.exitCode()).as(spoofed.toString()).isEqualTo(1);
    assertThat(agent.receivedPackets()).isEqualTo(before);
    assertThat(agent.pings(other.ipv4())).isTrue();
  }

  @Test
  void listenPortChangesLive() {
    agent.wgSet("listen-port", "51999");

    other.wgSet("peer", agent.publicKey(), "endpoint", "10.99.0.1:51999");

    other.awaitPing(agent.ipv4());
    assertThat(sockets()).isEmpty();
  }
}
