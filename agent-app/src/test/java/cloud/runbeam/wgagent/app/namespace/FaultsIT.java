package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.AGENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every fault of docs/troubleshooting.md that two namespaces can have, brought about for real;
 * health, metrics, log, {@code why} and the console must say what the page promises.
 */
@SuppressWarnings("NullAway.Init")
final class FaultsIT {
  /** Two initiations go out 5 s apart before anybody says that there is no answer. */
  private static final Duration UNTIL_TOLD = Duration.ofSeconds(30);

  @TempDir private Path directory;

  private NetnsPair pair;
  private TunnelEnd far;
  private AgentFiles files;
  private NetnsPair.Started agent;

  private static String someKey() {
    return Shell.execute(Shell.run("wg", "genkey"), "wg", "pubkey").expectSuccess().strip();
  }

  private String peer(String name, String key, String endpoint, int host, String more) {
    return """

    [[network.office.peers]]
    name = "%s"
    public_key = "%s"
    endpoint = "%s"
    allowed_ips = ["192.168.177.%d/32"]
    %s
    """
        .formatted(name, key, endpoint, host, more);
  }

  private void configure(String peers) throws IOException {
    files.writeConfig(
        """
        [network.office]
        interface = "%s"
        address = ["192.168.177.1/24"]
        listen_port = %d
        mtu = 1420
        private_key_path = "%s"
        """
                .formatted(pair.device("a"), TunnelEnd.PORT, files.key())
            + peers);
  }

  @BeforeEach
  void hosts() throws Exception {
    pair = new NetnsPair();
    far = TunnelEnd.start(pair, "b", AGENT);
    files = new AgentFiles(directory);
    far.wgSet("peer", files.publicKey(), "allowed-ips", "192.168.177.1/32");
    far.linkUp();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private void start() {
    agent =
        pair.start(
            pair.a(), InstalledAgent.launcher(), "up", "--config", files.config().toString());
    await("control socket of the agent")
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .until(() -> {
          assertThat(agent.process().isAlive()).as(agent.output()).isTrue();
          return Files.exists(files.socket());
        });
  }

  @Test
  void peersThatDoNotAnswerAreToldApartAsFarAsTheyCanBe() throws Exception {
    Path wrongPsk = far.keyFile(Shell.run("wg", "genpsk").strip());
    configure(
        peer("silent", someKey(), "10.99.0.2:51999", 11, "")
            + peer("wrong-key", someKey(), "10.99.0.2:51820", 12, "")
            + peer("unreachable", someKey(), "203.0.113.9:51820", 13, "")
            + peer("lost-name", someKey(), "peer.invalid:51820", 14, "")
            + peer(
                "wrong-psk",
                far.publicKey(),
                "10.99.0.2:51820",
                2,
                "preshared_key_path = \"" + wrongPsk + "\""));
    start();
    List<Integer> hosts = List.of(11, 12, 13, 14, 2);
    for (int host : hosts) {
      ping("192.168.177." + host, 56);
    }
    await("health to tell")
        .atMost(UNTIL_TOLD)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> kept("health", health(), "silent", "wrong-key", "wrong-psk"));
    expect("silent", "silent", "192.168.177.11");
    expect("wrong-key", "wrong-key", "192.168.177.12");
    expect("unreachable", "unreachable", "192.168.177.13");
    expect("lost-name", "lost-name", "192.168.177.14");
    expect("wrong-psk", "wrong-psk", "192.168.177.2");
  }

  @Test
  void largePacketsAndADeletedInterfaceAreTold() throws Exception {
    configure(peer("server", far.publicKey(), "10.99.0.2:51820", 2, ""));
    start();
    await().atMost(NetnsPair.PATIENCE).until(() -> ping("192.168.177.2", 56));
    pair.in(pair.a(), "ip", "link", "set", pair.veth("a"), "mtu", "1000");
    // The other end still sends what this link does not carry any more, and nobody tells it.
    assertThat(ping("192.168.177.2", 1_200)).isFalse();
    assertThat(ping("192.168.177.2", 56)).as("small packets still pass").isTrue();
    expect("mtu", "server", "192.168.177.2");
    assertThat(metrics())
        .containsPattern("(?m)^wg_agent_peer_loss_ratio\\{[^}]*peer=\"server\"[^}]*} 0\\.[1-9]");

    pair.in(pair.a(), "ip", "link", "delete", pair.device("a"));
    await("the loss to be noticed")
        .atMost(NetnsPair.PATIENCE)
        .until(() -> health().contains("failed"));
    expect("tun-deleted", "server", "192.168.177.2");
  }

  @Test
  void overlappingAllowedIpsAreRefusedWithBothPlaces() throws Exception {
    configure(
        peer("one", someKey(), "10.99.0.2:51820", 2, "")
            + peer("two", someKey(), "10.99.0.2:51821", 2, ""));
    Shell.Result verdict =
        Shell.execute("", InstalledAgent.launcher(), "validate", files.config().toString());
    assertThat(verdict.exitCode()).isEqualTo(1);
    for (FaultPage.Promise promise : FaultPage.promises("overlap")) {
      String said = verdict.out() + verdict.err();
      assertThat(promise.isKeptBy(said)).as("%s in\n%s", promise, said).isTrue();
    }
  }

  private boolean ping(String address, int bytes) {
    return pair.attempt(
                pair.a(),
                "",
                "ping",
                "-n",
                "-c",
                "1",
                "-W",
                "1",
                "-s",
                String.valueOf(bytes),
                "-M",
                "dont",
                address)
            .exitCode()
        == 0;
  }

  private String health() {
    return pair.attempt(pair.a(), "", "curl", "-s", "http://127.0.0.1:9090/healthz").out();
  }

  private String metrics() {
    return pair.in(pair.a(), "curl", "-s", "http://127.0.0.1:9090/actuator/prometheus");
  }

  /** Whether one place keeps what the page promises of several faults. */
  private static boolean kept(String where, String text, String... faults) {
    for (String fault : faults) {
      for (FaultPage.Promise promise : FaultPage.promises(fault)) {
        if (promise.where().equals(where) && !promise.isKeptBy(text)) {
          return false;
        }
      }
    }
    return true;
  }

  private void expect(String fault, String peer, String address) {
    String console =
        pair.attempt(
                pair.a(),
                "status\nshow " + peer + "\n",
                InstalledAgent.launcher(),
                "shell",
                "--socket",
                files.socket().toString())
            .out();
    Map<String, String> said =
        Map.of(
            "health",
            health(),
            "metrics",
            metrics(),
            "log",
            agent.output(),
            "why",
            why(address),
            "console",
            console);
    for (FaultPage.Promise promise : FaultPage.promises(fault)) {
      String text = Objects.requireNonNull(said.get(promise.where()), promise.where());
      assertThat(promise.isKeptBy(text)).as("%s: %s in\n%s", fault, promise, text).isTrue();
    }
  }

  private String why(String address) {
    try (ControlClient client = ControlClient.connect(files.socket(), Duration.ofSeconds(10))) {
      return client.call("why", Map.of("address", JsonValue.of(address))).toJson();
    } catch (ControlException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
