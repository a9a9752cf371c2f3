package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.WIREGUARD_GO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything through the tunnel, with wireguard-go at the other end and a capture on the wire
 * between them; the agent is killed, restarted and stopped meanwhile.
 */
@SuppressWarnings("NullAway.Init")
final class FullTunnelIT {
  /** Reached through the tunnel while there is one, and by the host's default route otherwise. */
  private static final String OUTSIDE = "203.0.113.1";

  private static final String OUTSIDE_IPV6 = "2001:db8:77::1";

  /**
   * Neither the tunnel, nor address resolution, nor group reports (behind a hop-by-hop header), nor
   * neighbour discovery.
   */
  private static final String LEAKS =
      "not udp port 51820 and not arp and not (ip6 and (ip6[6] == 0 or (ip6[6] == 58 and ip6[40] >="
          + " 133 and ip6[40] <= 137)))";

  @TempDir private Path directory;

  private NetnsPair pair;
  private TunnelEnd other;
  private AgentFiles files;
  private Map<String, String> before;

  @BeforeEach
  void hosts() throws Exception {
    pair = new NetnsPair();
    other = TunnelEnd.start(pair, "b", WIREGUARD_GO);
    files = new AgentFiles(directory);
    other.wgSet("peer", files.publicKey(), "allowed-ips", "192.168.177.1/32,fd77::1/128");
    other.linkUp();
    other.run("ip", "addr", "add", OUTSIDE + "/32", "dev", "lo");
    other.run("ip", "addr", "add", OUTSIDE_IPV6 + "/128", "dev", "lo");
    pair.in(pair.a(), "ip", "route", "add", "default", "via", "10.99.0.2");
    pair.in(pair.a(), "ip", "-6", "route", "add", "default", "via", "fd99::2");
    // Strict: answers from an address that is routed elsewhere are dropped unless marked.
    pair.in(pair.a(), "sysctl", "-q", "-w", "net.ipv4.conf.all.rp_filter=1");
    // Somebody else's rule and firewall, which must stand at the end.
    pair.in(
        pair.a(), "ip", "rule", "add", "pref", "5270", "fwmark", "0x80000/0xff0000", "table", "52");
    pair.in(pair.a(), "nft", "add", "table", "inet", "mine");
    MachineState.awaitSettled(pair, pair.a());
    await("the default route")
        .atMost(NetnsPair.PATIENCE)
        .until(() -> pings(OUTSIDE) && pings(OUTSIDE_IPV6));
    before = MachineState.of(pair, pair.a());
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private void configure(boolean killSwitch, int mtu) throws IOException {
    files.writeConfig(
        """
        [network.default]
        interface = "%s"
        address = ["192.168.177.1/24", "fd77::1/64"]
        mtu = %d
        private_key_path = "%s"
        kill_switch = %s

        [[network.default.peers]]
        name = "far"
        public_key = "%s"
        endpoint = "10.99.0.2:%d"
        allowed_ips = ["0.0.0.0/0", "::/0"]
        """
            .formatted(
                pair.device("a"), mtu, files.key(), killSwitch, other.publicKey(), TunnelEnd.PORT));
  }

  private NetnsPair.Started start() {
    NetnsPair.Started agent =
        pair.start(
            pair.a(), InstalledAgent.launcher(), "up", "--config", files.config().toString());
    await("readiness of the agent")
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .untilAsserted(() -> assertThat(agent.output()).contains("ready;"));
    await("everything goes through the tunnel")
        .atMost(NetnsPair.PATIENCE)
        .until(() -> pings(OUTSIDE) && pings(OUTSIDE_IPV6));
    return agent;
  }

  private void end(NetnsPair.Started agent, String signal) {
    Shell.run("kill", "-" + signal, String.valueOf(agent.process().pid()));
    assertThat(agent.awaitEnd()).isIn(0, 143, 137);
  }

  private Shell.Result cleanup(String... more) {
    String[] command =
        Stream.concat(
                Stream.of(
                    InstalledAgent.launcher(), "cleanup", "--config", files.config().toString()),
                Stream.of(more))
            .toArray(String[]::new);
    return pair.attempt(pair.a(), "", command);
  }

  private boolean pings(String address) {
    return pair.attempt(pair.a(), "", "ping", "-n", "-c", "1", "-W", "1", address).exitCode() == 0;
  }

  @Test
  void leavesTheMachineAsItWasHoweverItEnds() throws Exception {
    configure(false, 1_380);
    NetnsPair.Started agent = start();
    Map<String, String> up = MachineState.of(pair, pair.a());
    assertThat(up.get("ip -j -d rule show")).contains("suppress_prefixlen", "51820", "0x80000");
    assertThat(up).containsEntry("cat /proc/sys/net/ipv4/conf/all/src_valid_mark", "1\n");
    assertThat(cleanup().exitCode()).as("an agent runs").isEqualTo(1);
    assertThat(cleanup().err()).contains("process " + agent.process().pid());
    end(agent, "TERM");
    assertThat(MachineState.of(pair, pair.a())).isEqualTo(before);

    end(start(), "KILL");
    assertThat(MachineState.of(pair, pair.a())).isNotEqualTo(before);
    assertThat(cleanup("--dry-run").out()).contains("would undo: ipv4 rule 32765");
    assertThat(MachineState.of(pair, pair.a())).isNotEqualTo(before);
    Shell.Result cleaned = cleanup();
    assertThat(cleaned.out()).contains("undone: ipv6 rule 32764").doesNotContain("FAILED");
    assertThat(MachineState.of(pair, pair.a())).isEqualTo(before);
    assertThat(cleanup().out()).contains("nothing is left over");

    end(start(), "KILL");
    end(start(), "TERM");
    assertThat(MachineState.of(pair, pair.a())).isEqualTo(before);
  }

  @Test
  void nothingLeavesOutsideTheTunnelUntilItIsDisconnected() throws Exception {
    configure(true, 1_380);
    NetnsPair.Started agent = start();
    NetnsPair.Started capture =
        pair.start(
            pair.b(), "tcpdump", "-n", "-l", "--immediate-mode", "-i", pair.veth("b"), LEAKS);
    await().atMost(NetnsPair.PATIENCE).until(() -> capture.output().contains("listening on"));
    List<NetnsPair.Started> senders =
        List.of(probe(OUTSIDE), probe(OUTSIDE_IPV6), probe("10.99.0.2"), probe("fd99::2"));

    configure(true, 1_340);
    Shell.run("kill", "-HUP", String.valueOf(agent.process().pid()));
    await("the reload")
        .atMost(NetnsPair.PATIENCE)
        .until(
            () -> pair.in(pair.a(), "ip", "link", "show", pair.device("a")).contains("mtu 1340"));
    awaitRefusals(senders.subList(2, 4));

    end(agent, "KILL");
    awaitRefusals(senders);
    NetnsPair.Started second = start();
    awaitRefusals(senders.subList(2, 4));
    end(second, "TERM");
    awaitRefusals(senders);
    assertThat(cleanup("--dry-run").out()).contains("would undo: kill switch");
    start();

    assertThat(packets(capture)).isEmpty();
    assertThat(control("status", "--json")).contains("\"blocking\": true");
    control("disconnect", "default");
    await("the capture sees what leaves")
        .atMost(NetnsPair.PATIENCE)
        .until(() -> packets(capture).size() > 4);
    assertThat(pair.in(pair.a(), "nft", "list", "ruleset")).doesNotContain("wg_agent");
    assertThat(MachineState.of(pair, pair.a())).isEqualTo(before);
  }

  /** Sends datagrams for ever; netfilter tells a sender whose packet it drops at once. */
  private NetnsPair.Started probe(String address) {
    return pair.start(
        pair.a(),
        "bash",
        "-c",
        "while :; do (echo x >/dev/udp/" + address + "/9); sleep 0.1; done");
  }

  private static void awaitRefusals(List<NetnsPair.Started> senders) {
    for (NetnsPair.Started sender : senders) {
      long soFar = refusals(sender);
      await("more packets are refused")
          .atMost(NetnsPair.PATIENCE)
          .until(() -> refusals(sender) > soFar + 10);
    }
  }

  private static long refusals(NetnsPair.Started sender) {
    return sender.output().lines().filter(line -> line.contains("not permitted")).count();
  }

  private static List<String> packets(NetnsPair.Started capture) {
    return capture.output().lines().filter(line -> line.contains(" IP")).toList();
  }

  private String control(String... words) {
    String[] command =
        Stream.concat(
                Stream.of(InstalledAgent.launcher()),
                Stream.concat(Stream.of(words), Stream.of("--socket", files.socket().toString())))
            .toArray(String[]::new);
    return pair.in(pair.a(), command);
  }

  @Test
  void refusesAKillSwitchWithoutNft() throws Exception {
    configure(true, 1_380);
    Files.createDirectories(directory.resolve("empty"));
    Shell.Result refused =
        pair.attempt(
            pair.a(),
            "",
            "unshare",
            "--mount",
            "sh",
            "-c",
            // Only in this mount namespace: the directories that hold nft hold nothing.
            "mount --bind /dev/null $(command -v nft) && exec timeout 60 \"$@\"",
            "sh",
            InstalledAgent.launcher(),
            "up",
            "--config",
            files.config().toString());
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out() + refused.err())
        .contains("cannot raise the kill switch: nft is not installed", "apt install nftables");
    assertThat(MachineState.of(pair, pair.a())).isEqualTo(before);
  }
}
