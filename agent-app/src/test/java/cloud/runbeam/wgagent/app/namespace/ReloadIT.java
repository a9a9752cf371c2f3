package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.WIREGUARD_GO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloud.runbeam.wgagent.app.config.KeyFixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reloads by SIGHUP while a ping train runs to one peer of many; wireguard-go is that peer. */
@SuppressWarnings("NullAway.Init")
final class ReloadIT {
  private static final int OTHERS = 100;

  @TempDir private Path directory;

  private NetnsPair pair;
  private TunnelEnd far;
  private AgentFiles files;
  private NetnsPair.Started agent;

  @BeforeEach
  void startAgent() throws Exception {
    pair = new NetnsPair();
    far = TunnelEnd.start(pair, "b", WIREGUARD_GO);
    files = new AgentFiles(directory);
    write(TunnelEnd.PORT, 1420, 0, OTHERS, true);
    far.wgSet("peer", files.publicKey(), "allowed-ips", "192.168.177.1/32");
    far.linkUp();
    agent =
        pair.start(
            pair.a(),
            InstalledAgent.java(),
            "-jar",
            InstalledAgent.jar().toString(),
            "up",
            "--config",
            files.config().toString());
    await("control socket of the agent")
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .until(() -> {
          assertThat(agent.process().isAlive()).as(agent.output()).isTrue();
          return Files.exists(files.socket());
        });
    await().atMost(NetnsPair.PATIENCE).until(() -> far.pings("192.168.177.1"));
  }

  @AfterEach
  void close() {
    pair.close();
  }

  @Test
  void losesNothingOnAPeerThatIsNotConcernedAndChangesThoseThatAre() throws Exception {
    String handshake = wg("latest-handshakes");
    NetnsPair.Started train =
        pair.start(
            pair.a(), "ping", "-n", "-q", "-i", "0.005", "-c", "1200", "-W", "2", far.ipv4());

    int round = 0;
    while (train.process().isAlive() && round < 5) {
      round++;
      write(TunnelEnd.PORT, 1420 - round, round, OTHERS + round, true);
      hangUp("reloaded: default update: peers added");
    }

    int _ = train.awaitEnd();
    assertThat(round).as("reloads under the train").isGreaterThan(2);
    assertThat(train.output()).contains("1200 packets transmitted, 1200 received, 0% packet loss");
    assertThat(wg("latest-handshakes")).as("the same session").isEqualTo(handshake);
    assertThat(pair.in(pair.a(), "wg", "show", device(), "peers").lines()).hasSize(OTHERS + 1);
    assertThat(routes().lines().map(line -> line.split(" ", 2)[0]))
        .contains("10.8.0." + round, "10.8.0." + (OTHERS + round - 1))
        .doesNotContain("10.8.0." + (round - 1));
    assertThat(pair.in(pair.a(), "ip", "link", "show", "dev", device()))
        .contains("mtu " + (1420 - round));
  }

  @Test
  void changesThePortTakesThePeerAwayAndRefusesAFileWithProblems() throws Exception {
    write(TunnelEnd.PORT + 1, 1420, 0, 1, true);
    hangUp("changed listen_port");
    assertThat(pair.in(pair.a(), "ss", "-Huln", "sport = :" + (TunnelEnd.PORT + 1))).isNotBlank();
    assertThat(pair.in(pair.a(), "ss", "-Huln", "sport = :" + TunnelEnd.PORT)).isBlank();
    await().atMost(NetnsPair.PATIENCE).until(this::pingsFar);

    Files.writeString(files.config(), Files.readString(files.config()) + "nonsense = ");
    hangUp("the configuration has problems; nothing was changed");
    assertThat(pingsFar()).isTrue();

    write(TunnelEnd.PORT + 1, 1420, 0, 1, false);
    hangUp("peers removed far");
    assertThat(pingsFar()).isFalse();
    assertThat(routes()).doesNotContain("192.168.177.2");

    write(TunnelEnd.PORT + 1, 1420, 0, 1, true);
    hangUp("peers added far");
    await().atMost(NetnsPair.PATIENCE).until(this::pingsFar);
  }

  @Test
  void callsAPeerAtOnceWhenThisMachineGetsAnotherAddress() throws Exception {
    String config = Files.readString(files.config());
    Files.writeString(files.config(), config.replace("keepalive_secs = 1", "keepalive_secs = 0"));
    hangUp("peers updated far");
    assertThat(far.show("endpoints")).isEqualTo("10.99.0.1:" + TunnelEnd.PORT);

    pair.in(pair.a(), "ip", "addr", "add", "10.99.0.4/24", "dev", pair.veth("a"));
    pair.in(pair.a(), "ip", "addr", "del", "10.99.0.1/24", "dev", pair.veth("a"));
    pair.attempt(pair.a(), "", "ip", "addr", "add", "10.99.0.4/24", "dev", pair.veth("a"));

    await("the peer hears from the new address although nobody sends anything")
        .atMost(NetnsPair.PATIENCE)
        .until(() -> far.show("endpoints").equals("10.99.0.4:" + TunnelEnd.PORT));
  }

  /**
   * Peers {@code from} to {@code to} beside the one at the far end, where that is {@code there}.
   */
  private void write(int port, int mtu, int from, int to, boolean there) throws Exception {
    StringBuilder text =
        new StringBuilder(
            """
            [network.default]
            interface = "%s"
            address = "192.168.177.1/30"
            mtu = %d
            listen_port = %d
            private_key_path = "%s"
            """
                .formatted(device(), mtu, port, files.key()));
    if (there) {
      text.append(
          """
          [[network.default.peers]]
          name = "far"
          public_key = "%s"
          endpoint = "10.99.0.2:%d"
          allowed_ips = "192.168.177.2/32"
          persistent_keepalive_secs = 1
          """
              .formatted(far.publicKey(), TunnelEnd.PORT));
    }
    for (int i = from; i < to; i++) {
      text.append(
          """
          [[network.default.peers]]
          name = "other%d"
          public_key = "%s"
          allowed_ips = "10.8.0.%d/32"
          """
              .formatted(i, KeyFixtures.base64("other" + i), i));
    }
    files.writeConfig(text.toString());
  }

  /** Sends SIGHUP and waits until the log says what came of it. */
  private void hangUp(String outcome) {
    int before = outcomes();
    Shell.run("kill", "-HUP", String.valueOf(agentPid()));
    await(outcome).atMost(NetnsPair.PATIENCE).until(() -> outcomes() > before);
    assertThat(lastOutcome()).as(agent.output()).contains(outcome);
  }

  private int outcomes() {
    return (int) agent.output().lines().filter(ReloadIT::isOutcome).count();
  }

  private String lastOutcome() {
    return agent.output().lines().filter(ReloadIT::isOutcome).reduce((_, last) -> last).orElse("");
  }

  private static boolean isOutcome(String line) {
    return line.contains("reloaded: ")
        || line.contains("nothing was changed")
        || line.contains("the reload is incomplete");
  }

  /** {@code ip netns exec} replaces itself with the program. */
  private long agentPid() {
    return agent.process().pid();
  }

  private boolean pingsFar() {
    return pair.attempt(pair.a(), "", "ping", "-n", "-c", "1", "-W", "1", far.ipv4()).exitCode()
        == 0;
  }

  private String wg(String what) {
    return pair.in(pair.a(), "wg", "show", device(), what)
        .lines()
        .filter(line -> line.startsWith(far.publicKey()))
        .findFirst()
        .orElse("");
  }

  private String routes() {
    return pair.in(pair.a(), "ip", "route", "show", "dev", device());
  }

  private String device() {
    return pair.device("a");
  }
}
