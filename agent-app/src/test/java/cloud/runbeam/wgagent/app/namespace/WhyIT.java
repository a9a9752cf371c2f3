package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.WIREGUARD_GO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Name servers, {@code why} and {@code probe} of an agent with wireguard-go at the other end. The
 * agent sees a resolv.conf of the test's own, mounted over the machine's.
 */
@SuppressWarnings("NullAway.Init")
final class WhyIT {
  private static final String OLD_SERVERS = "nameserver 192.0.2.1\n";

  @TempDir private Path directory;

  private NetnsPair pair;
  private TunnelEnd other;
  private AgentFiles files;
  private Path resolvConf;

  @BeforeEach
  void hosts() throws IOException {
    pair = new NetnsPair();
    other = TunnelEnd.start(pair, "b", WIREGUARD_GO);
    files = new AgentFiles(directory);
    files.writeConfig(
        """
        [network.default]
        interface = "%s"
        address = ["192.168.177.1/24"]
        private_key_path = "%s"
        dns = ["192.168.177.2"]

        [[network.default.peers]]
        name = "far"
        public_key = "%s"
        endpoint = "10.99.0.2:%d"
        allowed_ips = ["192.168.177.2/32", "10.7.0.0/16"]
        probe = "192.168.177.2"
        """
            .formatted(pair.device("a"), files.key(), other.publicKey(), TunnelEnd.PORT));
    other.wgSet("peer", files.publicKey(), "allowed-ips", "192.168.177.1/32");
    other.linkUp();
    resolvConf = directory.resolve("resolv.conf");
    Files.writeString(resolvConf, OLD_SERVERS);
    Files.setPosixFilePermissions(resolvConf, PosixFilePermissions.fromString("rw-r--r--"));
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private String[] agent(String arguments) {
    String mount = "mount --bind " + resolvConf + " /etc/resolv.conf && exec ";
    return new String[] {
      "unshare", "--mount", "sh", "-c", mount + InstalledAgent.launcher() + " " + arguments
    };
  }

  private NetnsPair.Started start() {
    NetnsPair.Started agent = pair.start(pair.a(), agent("up --config " + files.config()));
    await("control socket of the agent")
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .until(() -> {
          assertThat(agent.process().isAlive()).as(agent.output()).isTrue();
          return Files.exists(files.socket());
        });
    return agent;
  }

  private String why(String address) {
    Shell.Result result =
        pair.attempt(pair.a(), "", agent("why " + address + " --socket " + files.socket()));
    return result.out() + result.err();
  }

  @Test
  void setsNameServersNamesWhatBreaksAndLeavesNothingBehind() throws IOException {
    NetnsPair.Started agent = start();
    assertThat(resolvConf).content().contains("\nnameserver 192.168.177.2\n");
    await("an answer through the tunnel")
        .atMost(NetnsPair.PATIENCE)
        .untilAsserted(() -> assertThat(why("192.168.177.2")).contains("its peer answers"));
    pair.in(pair.a(), "ip", "route", "delete", "10.7.0.0/16");
    assertThat(why("10.7.0.1")).contains("there is no route: somebody removed the route");
    pair.in(pair.a(), "ip", "link", "set", pair.veth("a"), "down");
    assertThat(why("192.168.177.2"))
        .contains("10.99.0.2:51820: there is no route: bring up the network that leads there");

    agent.process().destroyForcibly();
    assertThat(agent.awaitEnd()).isNotZero();
    assertThat(resolvConf).content().contains("nameserver 192.168.177.2");
    pair.in(pair.a(), agent("cleanup --config " + files.config()));
    assertThat(resolvConf).hasContent(OLD_SERVERS);
  }

  @Test
  void lowersTheRoutesToAPeerBehindABlackHole() {
    pair.in(
        pair.b(),
        "nft",
        "table inet hole { chain in { type filter hook input priority 0;"
            + " udp dport 51820 meta length > 1400 drop; }; }");
    start();
    await("a route with an MTU")
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .untilAsserted(() ->
            assertThat(pair.in(pair.a(), "ip", "route", "show", "192.168.177.2"))
                .contains("mtu 1328"));
  }
}
