package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.AGENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the process behind {@code device} begins and ends. */
@SuppressWarnings("NullAway.Init")
final class DeviceProcessIT {
  private NetnsPair pair;

  @BeforeEach
  void hosts() {
    pair = new NetnsPair();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private Path socket(String name) {
    return Path.of("/var/run/wireguard", name + ".sock");
  }

  private NetnsPair.Started foreground(String name) {
    NetnsPair.Started started =
        pair.start(pair.a(), InstalledAgent.launcher(), "device", "--foreground", name);
    TunnelEnd.awaitAnswer(pair, pair.a(), name, started);
    return started;
  }

  private void expectNothingLeft(String name) {
    assertThat(pair.hasLink(pair.a(), name)).as("link " + name).isFalse();
    assertThat(socket(name)).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"launcher", "link", "jar"})
  void returnsWhenTheDeviceAnswersAndLeavesItRunning(String way) {
    String name = pair.device("a");
    String[] command =
        switch (way) {
          case "launcher" -> new String[] {InstalledAgent.launcher(), "device", name};
          case "link" -> new String[] {InstalledAgent.deviceLink(), name};
          default ->
              new String[] {
                InstalledAgent.java(), "-jar", InstalledAgent.jar().toString(), "device", name
              };
        };

    pair.in(pair.a(), command);

    pair.in(pair.a(), "wg", "show", name);
    List<Long> pids = NetnsPair.pids(pair.a());
    assertThat(pids).hasSize(1);
    // A session of its own: no terminal's Ctrl-C or hang-up reaches it.
    assertThat(Shell.run("ps", "-o", "sid=", "-p", pids.getFirst().toString()).strip())
        .isEqualTo(pids.getFirst().toString());

    Shell.run("kill", pids.getFirst().toString());
    await().atMost(NetnsPair.PATIENCE).until(() -> NetnsPair.pids(pair.a()).isEmpty());
    expectNothingLeft(name);
  }

  @Test
  void endsWhenTheInterfaceIsDeleted() {
    String name = pair.device("a");
    NetnsPair.Started device = foreground(name);

    pair.in(pair.a(), "ip", "link", "del", name);

    assertThat(device.awaitEnd()).isZero();
    expectNothingLeft(name);
  }

  @Test
  void endsWhenItsSocketIsRemoved() throws Exception {
    String name = pair.device("a");
    NetnsPair.Started device = foreground(name);

    Files.delete(socket(name));

    assertThat(device.awaitEnd()).isZero();
    expectNothingLeft(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalRemovesEverything(String signal) {
    String name = pair.device("a");
    NetnsPair.Started device = foreground(name);

    Shell.run("kill", "-" + signal, String.valueOf(device.process().pid()));

    assertThat(device.awaitEnd()).isIn(130, 143);
    expectNothingLeft(name);
  }

  @Test
  void startsAgainOverTheSocketOfAKilledProcess() throws Exception {
    String name = pair.device("a");
    NetnsPair.Started device = foreground(name);
    device.process().destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    assertThat(socket(name)).exists();
    await().atMost(NetnsPair.PATIENCE).until(() -> !pair.hasLink(pair.a(), name));

    foreground(name);

    assertThat(socket(name)).exists();
  }

  @Test
  void keepsWorkingWhenTheInterfaceMovesToAnotherNamespace() {
    String inner = pair.addNamespace(pair.a() + "in");
    TunnelEnd agent = TunnelEnd.start(pair, "a", AGENT);
    TunnelEnd other = TunnelEnd.start(pair, "b", AGENT);
    agent.addPeer(other, "10.99.0.2:" + TunnelEnd.PORT);
    other.addPeer(agent, "");
    other.linkUp();

    agent.run("ip", "link", "set", agent.name(), "netns", inner);
    TunnelEnd moved =
        new TunnelEnd(
            pair,
            inner,
            agent.name(),
            agent.host(),
            agent.privateKey(),
            agent.publicKey(),
            agent.process());
    moved.linkUp();

    // The sockets stay in the namespace of the process, which is the point of moving the interface.
    moved.awaitPing(other.ipv4());
    assertThat(moved.pings(other.ipv6())).isTrue();
    assertThat(pair.attempt(inner, "", "wg", "show", agent.name()).exitCode()).isZero();

    moved.run("ip", "link", "del", agent.name());
    assertThat(agent.process().awaitEnd()).isZero();
  }

  @Test
  void tellsWhatHappensWhenAskedTo() {
    String name = pair.device("a");
    ProcessBuilder verbose =
        NetnsPair.inside(pair.a(), InstalledAgent.launcher(), "device", "--foreground", name);
    verbose.environment().put("LOG_LEVEL", "verbose");
    NetnsPair.Started device = pair.start(verbose);
    TunnelEnd.awaitAnswer(pair, pair.a(), name, device);

    pair.in(pair.a(), "ip", "link", "del", name);

    assertThat(device.awaitEnd()).isZero();
    assertThat(device.output()).contains("(" + name + ") ready").contains("deleted");
  }
}
