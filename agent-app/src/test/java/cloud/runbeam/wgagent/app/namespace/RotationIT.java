package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.WIREGUARD_GO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The agent's key is rotated while wireguard-go, whose operator adds the new key sooner or later,
 * is at the other end of a tunnel in use.
 */
@SuppressWarnings("NullAway.Init")
final class RotationIT {
  private static final Pattern LOSS =
      Pattern.compile("(\\d+) packets transmitted, (\\d+) received");

  @TempDir private Path directory;

  private NetnsPair pair;
  private TunnelEnd other;
  private AgentFiles files;
  private NetnsPair.Started agent;

  @BeforeEach
  void tunnel() throws Exception {
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
        allowed_ips = ["192.168.177.2/32", "fd77::2/128"]
        """
            .formatted(
                pair.device("a"), TunnelEnd.PORT, files.key(), other.publicKey(), TunnelEnd.PORT));
    tellOther(files.publicKey());
    other.linkUp();
    agent = start();
    other.awaitPing("192.168.177.1");
  }

  @AfterEach
  void close() {
    pair.close();
  }

  /**
   * Nothing is lost but what was on its way in the moment in which the peer's operator moved the
   * prefixes from one key to the other: the peer takes nothing from the old one then, and no other
   * end could know that sooner than by the handshake that follows. From the peer, whose packets
   * wait for that handshake, that is an answer at most; from the agent, to a peer that has nothing
   * to say by itself, as many requests as go between two questions, which are asked every second.
   */
  @ParameterizedTest
  @CsvSource({"from the peer, 1", "from the agent, 400"})
  void losesNothingWhileAPeerLearnsTheNewKeyUnderAPingTrain(String way, int onTheirWay)
      throws Exception {
    boolean fromPeer = way.equals("from the peer");
    NetnsPair.Started train =
        pair.start(
            fromPeer ? other.namespace() : pair.a(),
            "ping",
            "-n",
            "-q",
            "-i",
            "0.005",
            "-c",
            "1200",
            "-W",
            "2",
            fromPeer ? "192.168.177.1" : other.ipv4());
    String newKey = rotate("--phase", "begin");
    assertThat(newKey).isNotEqualTo(files.publicKey());
    tellOther(newKey);
    await("the peer's handshake with the new key")
        .atMost(NetnsPair.PATIENCE)
        .until(() -> handshakeOf(newKey) > 0);
    // The only peer has moved, so that the rotation ends by itself.
    await().atMost(NetnsPair.PATIENCE).until(() -> keyOnDisk().equals(newKey));

    assertThat(train.awaitEnd()).as(train.output()).isZero();
    Matcher loss = LOSS.matcher(train.output());
    assertThat(loss.find()).as(train.output()).isTrue();
    assertThat(Integer.parseInt(loss.group(1)) - Integer.parseInt(loss.group(2)))
        .as(train.output())
        .isBetween(0, onTheirWay);
    assertThat(pair.in(pair.a(), "wg", "show", pair.device("a"), "public-key").strip())
        .isEqualTo(newKey);
  }

  @Test
  void goesOnAfterAKillBetweenBeginAndCommit() throws Exception {
    String newKey = rotate("--phase", "begin");
    Shell.run("kill", "-KILL", String.valueOf(agentPid()));
    agent.awaitEnd();
    await().atMost(NetnsPair.PATIENCE).until(() -> !pair.hasLink(pair.a(), pair.device("a")));
    assertThat(keyOnDisk()).isEqualTo(files.publicKey());

    agent = start();
    // Under the key that the peer knows. It is the agent that must begin: the peer still trusts in
    // the session of the agent that was killed.
    await().atMost(NetnsPair.PATIENCE).until(this::agentPings);
    assertThat(pair.in(pair.a(), "wg", "show", pair.device("a"), "public-key").strip())
        .isEqualTo(newKey);
    tellOther(newKey);
    other.awaitPing("192.168.177.1");
    await().atMost(NetnsPair.PATIENCE).until(() -> keyOnDisk().equals(newKey));
  }

  @Test
  void abortLeavesTheKeyAsItWas() throws Exception {
    String newKey = rotate("--phase", "begin");
    rotate("--phase", "abort");

    assertThat(keyOnDisk()).isEqualTo(files.publicKey()).isNotEqualTo(newKey);
    assertThat(pair.in(pair.a(), "wg", "show", pair.device("a"), "public-key").strip())
        .isEqualTo(files.publicKey());
    other.awaitPing("192.168.177.1");
  }

  private boolean agentPings() {
    return pair.attempt(pair.a(), "", "ping", "-n", "-c", "1", "-W", "1", other.ipv4()).exitCode()
        == 0;
  }

  /** The new public key, out of what the command printed. */
  private String rotate(String... more) {
    String[] command = {
      InstalledAgent.launcher(),
      "rotate-keys",
      "default",
      "--json",
      "--socket",
      files.socket().toString()
    };
    String[] all = new String[command.length + more.length];
    System.arraycopy(command, 0, all, 0, command.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    String json = pair.in(pair.a(), all);
    Matcher key = Pattern.compile("\"public_key\": *\"([^\"]+)\"").matcher(json);
    assertThat(key.find()).as(json).isTrue();
    return key.group(1);
  }

  private void tellOther(String publicKey) {
    other.wgSet(
        "peer",
        publicKey,
        "endpoint",
        "10.99.0.1:" + TunnelEnd.PORT,
        "allowed-ips",
        "192.168.177.1/32,fd77::1/128");
  }

  private long handshakeOf(String publicKey) {
    return other
        .run("wg", "show", other.name(), "latest-handshakes")
        .lines()
        .filter(line -> line.startsWith(publicKey))
        .mapToLong(line -> Long.parseLong(line.split("\\s+", -1)[1]))
        .findFirst()
        .orElse(0);
  }

  private String keyOnDisk() throws Exception {
    return Shell.execute(Files.readString(files.key()), "wg", "pubkey").expectSuccess().strip();
  }

  private NetnsPair.Started start() {
    NetnsPair.Started started =
        pair.start(
            pair.a(), InstalledAgent.launcher(), "up", "--config", files.config().toString());
    await("control socket of the agent")
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .until(() -> {
          assertThat(started.process().isAlive()).as(started.output()).isTrue();
          return pair.attempt(
                      pair.a(),
                      "",
                      InstalledAgent.launcher(),
                      "status",
                      "--socket",
                      files.socket().toString())
                  .exitCode()
              == 0;
        });
    return started;
  }

  /** The launcher replaces itself by the JVM. */
  private long agentPid() {
    return agent.process().pid();
  }
}
