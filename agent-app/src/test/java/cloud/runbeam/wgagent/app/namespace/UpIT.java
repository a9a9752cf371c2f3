package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.WIREGUARD_GO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code up} with a configuration file, and wireguard-go at the other end. */
@SuppressWarnings("NullAway.Init")
final class UpIT {
  @TempDir private Path directory;

  private NetnsPair pair;
  private TunnelEnd other;
  private AgentFiles files;

  @BeforeEach
  void hosts() throws Exception {
    pair = new NetnsPair();
    other = TunnelEnd.start(pair, "b", WIREGUARD_GO);
    files = new AgentFiles(directory);
    files.writeConfig(
        """
        [network.default]
        interface = "%s"
        address = ["192.168.177.1/24", "fd77::1/64"]
        listen_port = %d
        private_key_path = "%s"

        [[network.default.peers]]
        name = "far"
        public_key = "%s"
        endpoint = "10.99.0.2:%d"
        allowed_ips = ["192.168.177.2/32", "fd77::2/128", "10.7.0.0/16"]
        persistent_keepalive_secs = 5
        """
            .formatted(
                pair.device("a"), TunnelEnd.PORT, files.key(), other.publicKey(), TunnelEnd.PORT));
    other.wgSet("peer", files.publicKey(), "allowed-ips", "192.168.177.1/32,fd77::1/128");
    other.linkUp();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private NetnsPair.Started start(String... launch) {
    NetnsPair.Started agent = pair.start(pair.a(), launch);
    await("control socket of the agent")
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .until(() -> {
          assertThat(agent.process().isAlive()).as(agent.output()).isTrue();
          return Files.exists(files.socket());
        });
    assertThat(status().expectSuccess()).contains("default");
    return agent;
  }

  private NetnsPair.Started startWithLauncher() {
    return start(InstalledAgent.launcher(), "up", "--config", files.config().toString());
  }

  private Shell.Result status(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(InstalledAgent.launcher(), "status", "--socket", files.socket().toString()));
    command.addAll(List.of(more));
    return pair.attempt(pair.a(), "", command.toArray(String[]::new));
  }

  private boolean pingsFar(String address) {
    return pair.attempt(pair.a(), "", "ping", "-n", "-c", "1", "-W", "1", address).exitCode() == 0;
  }

  @Test
  void bringsTheNetworkUpAndShowsIt() {
    startWithLauncher();
    await().atMost(NetnsPair.PATIENCE).until(() -> pingsFar(other.ipv4()));
    assertThat(pingsFar(other.ipv6())).isTrue();
    assertThat(other.pings("192.168.177.1")).isTrue();
    assertThat(pair.in(pair.a(), "ip", "route", "show", "dev", pair.device("a")))
        .contains("10.7.0.0/16");

    assertThat(status().out()).contains("default: active", "far", "10.99.0.2:51820");
    assertThat(status("--json").out()).contains("\"state\": \"active\"", files.publicKey());
    assertThat(status("default").exitCode()).isZero();
    assertThat(status("nosuch").exitCode()).isEqualTo(1);
    assertThat(status("nosuch").err()).contains("nosuch");
    pair.in(
        pair.a(), InstalledAgent.launcher(), "healthcheck", "--socket", files.socket().toString());

    assertThat(pair.in(pair.a(), "wg", "show", pair.device("a"))).contains("latest handshake");
    assertThat(get("/actuator/health")).contains("\"UP\"");
    assertThat(get("/actuator/prometheus"))
        .containsPattern("(?m)^wg_agent_peer_received_bytes_total\\{[^}]*} [1-9]");
  }

  private String get(String path) {
    return pair.in(pair.a(), "curl", "-s", "--fail", "http://127.0.0.1:9090" + path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"launcher", "jar"})
  void sigtermRemovesEverything(String way) {
    NetnsPair.Started agent =
        way.equals("launcher")
            ? startWithLauncher()
            : start(
                InstalledAgent.java(),
                "-jar",
                InstalledAgent.jar().toString(),
                "up",
                "--config",
                files.config().toString());
    assertThat(pair.hasLink(pair.a(), pair.device("a"))).isTrue();

    Shell.run("kill", "-TERM", String.valueOf(agent.process().pid()));

    assertThat(agent.awaitEnd()).as(agent.output()).isZero();
    expectNothingLeft();
  }

  @Test
  void wrongSourcePacketsAreCountedUnderTheirReason() {
    startWithLauncher();
    other.awaitPing("192.168.177.1");
    other.run("ip", "addr", "add", "192.168.178.9/32", "dev", other.name());

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
        "192.168.177.1");

    assertThat(get("/actuator/prometheus"))
        .containsPattern("(?mi)source_not_allowed\"[^}]*} 3(\\.0)?$");
  }

  private void expectNothingLeft() {
    assertThat(pair.hasLink(pair.a(), pair.device("a"))).isFalse();
    assertThat(files.socket()).doesNotExist();
    assertThat(Files.exists(Path.of("/var/run/wireguard", pair.device("a") + ".sock"))).isFalse();
  }
}
