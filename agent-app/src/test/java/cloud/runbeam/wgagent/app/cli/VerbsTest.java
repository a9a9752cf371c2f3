package cloud.runbeam.wgagent.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.command.FakeAgent;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.client.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VerbsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Optional<Path>> started = new ArrayList<>();
  private final List<Path> consoles = new ArrayList<>();

  @TempDir Path directory;

  private int run(String input, Map<String, String> variables, String... arguments) {
    out.reset();
    err.reset();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    Verbs verbs =
        new Verbs(
            terminal,
            variables,
            start -> {
              started.add(start.config());
              return 0;
            },
            (agent, local) -> {
              consoles.add(agent.socket());
              return 0;
            });
    return verbs.run(arguments);
  }

  private int run(String... arguments) {
    return run("", Map.of(), arguments);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void noVerbIsAMistakeAndShowsThemAll() {
    assertThat(run()).isEqualTo(2);
    assertThat(err())
        .contains("up", "demo", "device", "status", "validate", "genkey", "healthcheck");
    assertThat(out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"help", "--help", "-h"})
  void helpGoesToStandardOutput(String word) {
    assertThat(run(word)).isZero();
    assertThat(out()).contains("  up ", "  demo ", "  genpsk ");
    assertThat(err()).isEmpty();
  }

  @Test
  void helpOfAVerbNamesItsOptions() {
    assertThat(run("help", "demo")).isZero();
    assertThat(out()).contains("--once", "--memory");
    assertThat(run("demo", "--help")).isZero();
    assertThat(out()).contains("Usage: wg-agent demo [--once] [--memory]", "--once", "--memory");
  }

  @Test
  void anUnknownVerbIsAMistakeWithASuggestion() {
    assertThat(run("statsu")).isEqualTo(2);
    assertThat(err()).contains("statsu").contains("status");
  }

  @ParameterizedTest
  @CsvSource({
    "device",
    "device wg0 wg1",
    "validate",
    "demo --twice",
    "genkey aGVsbG8=",
    "up /etc/x.toml",
    "bench --seconds 0",
    "bench --seconds soon",
    "bench --seconds 601"
  })
  void argumentsThatAreNotUnderstoodAreMistakes(String line) {
    assertThat(run(line.split(" "))).isEqualTo(2);
    assertThat(err()).startsWith("wg-agent: ");
    assertThat(started).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"up", "start"})
  void upStartsTheAgentWithItsFile(String verb) {
    assertThat(run(verb, "--config", "/tmp/some.toml")).isZero();
    assertThat(run(verb)).isZero();
    assertThat(started).containsExactly(Optional.of(Path.of("/tmp/some.toml")), Optional.empty());
  }

  @Test
  void shellOpensTheConsoleWithTheSocketOfTheAgent() {
    assertThat(run("shell", "--socket", "/tmp/some.sock")).isZero();
    assertThat(run("", Map.of("WG_AGENT_SOCKET", "/tmp/other.sock"), "shell")).isZero();
    assertThat(consoles).containsExactly(Path.of("/tmp/some.sock"), Path.of("/tmp/other.sock"));
  }

  @Test
  void aLauncherThatWaitsIsToldTheExitCode() {
    assertThat(run("", Map.of("WG_AGENT_LAUNCHER_WAITS", "1"), "device")).isEqualTo(2);
    assertThat(out()).isEqualTo("exit 2" + System.lineSeparator());
  }

  @Test
  void versionTellsWhatRunsHere() {
    assertThat(run("version")).isZero();
    assertThat(out())
        .contains(
            "wg-agent ", "java ", "platform ", "offload  tun ", "offload  udp_send ", "cipher ")
        .doesNotContain("${");
    assertThat(run("--version")).isZero();
  }

  @Test
  void benchPrintsATableOrJson() throws Exception {
    assertThat(run("bench", "--seconds", "1")).isZero();
    assertThat(out()).contains("Cipher", "Tunnel in memory", "Handshakes", "udp_send");
    assertThat(err()).startsWith("measuring for 1 s");
    assertThat(run("bench", "--seconds=1", "--json")).isZero();
    assertThat(err()).isEmpty();
    assertThat(JsonValue.parse(out()))
        .isInstanceOfSatisfying(
            JsonValue.JsonObject.class,
            report ->
                assertThat(report.members())
                    .containsOnlyKeys(
                        "host",
                        "processors",
                        "aead",
                        "handshakes_per_second",
                        "paths",
                        "crossing",
                        "offloads"));
  }

  @Test
  void genkeyPrintsAClampedKeyOnALine() {
    assertThat(run("genkey")).isZero();
    String first = out();
    byte[] key = Base64.getDecoder().decode(first.strip());
    assertThat(first).hasSize(45).endsWith("\n");
    assertThat(key[0] & 7).isZero();
    assertThat(key[31] & 0xC0).isEqualTo(0x40);
    assertThat(run("genkey")).isZero();
    assertThat(out()).isNotEqualTo(first);
  }

  @Test
  void genpskPrintsDifferentKeysEachTime() {
    assertThat(run("genpsk")).isZero();
    String first = out();
    assertThat(Base64.getDecoder().decode(first.strip())).hasSize(32);
    assertThat(run("genpsk")).isZero();
    assertThat(out()).isNotEqualTo(first);
  }

  @Test
  void pubkeyAgreesWithWg() throws Exception {
    byte[] label = "test key alice".getBytes(StandardCharsets.UTF_8);
    String secret =
        Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(label));

    assertThat(run(secret + "\n", Map.of(), "pubkey")).isZero();
    // What "wg pubkey" of wireguard-tools 1.0.20210914 makes of it.
    assertThat(out()).isEqualTo("ZYV6Vt+TF9rgHNCTUAWrCPArVtavDlWQec/Or8N67kQ=\n");
    assertThat(run(secret, Map.of(), "pubkey")).isZero();
    assertThat(run(secret + "x", Map.of(), "pubkey")).isEqualTo(1);
    assertThat(err()).contains("Trailing characters found after key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short\n", "not-base64-at-all-not-base64-at-all-not-base64"})
  void pubkeyRefusesWhatIsNoKey(String input) {
    assertThat(run(input, Map.of(), "pubkey")).isEqualTo(1);
    assertThat(err())
        .isEqualTo("wg-agent: Key is not the correct length or format" + System.lineSeparator());
    assertThat(out()).isEmpty();
  }

  @Test
  void validateReportsEveryProblemWithItsPlace() throws Exception {
    Path file = directory.resolve("bad.toml");
    Files.writeString(file, "[network.default]\ninterfaec = \"wg0\"\nlisten_port = 70000\n");

    assertThat(run("validate", file.toString())).isEqualTo(1);

    assertThat(err()).contains(file + ":2:", "interfaec", file + ":3:", "70000");
    assertThat(out()).isEmpty();
  }

  @Test
  void importAndExportGoThereAndBack() throws Exception {
    String secret = KeyFixtures.base64("own");
    Path conf = directory.resolve("wg7.conf");
    Files.writeString(
        conf,
        "[Interface]\nPrivateKey = "
            + secret
            + "\nAddress = 10.0.0.1/24\nPostUp = true\n[Peer]\n"
            + "PublicKey = "
            + KeyFixtures.publicKey("core")
            + "\nAllowedIPs = 10.0.0.2/32\n");
    Path toml = directory.resolve("wg7.toml");

    assertThat(run("import", conf.toString(), "--name", "office", "--output", toml.toString()))
        .isZero();
    assertThat(err()).contains("wg7.conf:4:1: [Interface] PostUp", "office.key", toml.toString());
    assertThat(out()).isEmpty();
    assertThat(run("validate", toml.toString())).isZero();
    assertThat(run("import", conf.toString(), "--output", toml.toString())).isEqualTo(1);
    assertThat(err()).contains("exists");

    assertThat(run("export", toml.toString())).isZero();
    assertThat(out()).contains("Address = 10.0.0.1/24").doesNotContain(secret);
    assertThat(run("", Map.of("WG_AGENT_CONFIG", toml.toString()), "export", "office")).isZero();
    assertThat(out()).contains("AllowedIPs = 10.0.0.2/32");
    assertThat(run("export", toml.toString(), "--include-keys")).isZero();
    assertThat(out()).contains("PrivateKey = " + secret);
    Path exported = directory.resolve("exported.conf");
    assertThat(run("export", toml.toString(), "--include-keys", "--output", exported.toString()))
        .isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(exported)))
        .isEqualTo("rw-------");
    assertThat(run("export", toml.toString(), "--network", "lab")).isEqualTo(1);
    assertThat(err()).contains("no network lab, only office");
  }

  @Test
  void aControlCommandRunsAsAVerb() throws Exception {
    Path socket = directory.resolve("agent.sock");
    try (FakeAgent agent = new FakeAgent(socket)) {
      agent.answers("list", "{\"networks\":[]}").refuses("connect", "network_not_found", "lab");

      assertThat(run("", Map.of("WG_AGENT_SOCKET", socket.toString()), "list")).isZero();
      assertThat(out()).isEqualTo("no networks\n");
      assertThat(run("connect", "lab", "--socket", socket.toString())).isEqualTo(1);
      assertThat(err()).startsWith("wg-agent: lab").contains("line 3: network.a.mtu: too small");
      assertThat(run("peer", "remove", "lab", "--socket", socket.toString())).isEqualTo(2);
      assertThat(err()).contains("PEER is missing", "Usage: wg-agent peer remove");
    }
  }

  @Test
  void helpOfACommandShowsItsExamples() {
    for (String[] line :
        List.of(new String[] {"help", "peer", "set"}, new String[] {"peer", "set", "--help"})) {
      assertThat(run(line)).isZero();
      assertThat(out())
          .contains("Usage: wg-agent peer set", "--allowed-ips", "--socket PATH", "Examples:");
    }
    assertThat(run("help", "list")).isZero();
    assertThat(out()).contains("wg-agent networks", "Also: list");
    assertThat(run("peer")).isEqualTo(2);
  }

  @Test
  void everyLineOfTheHelpFitsTheScreen() {
    run("help");
    assertThat(out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    for (String verb : List.of("import", "export", "connect", "list", "events", "status")) {
      run("help", verb);
      assertThat(out().lines().filter(line -> !line.startsWith("  wg-agent ")))
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }
  }

  @Test
  void statusWithoutAnAgentFailsAndNamesTheSocket() {
    Path socket = directory.resolve("control.sock");

    assertThat(run("status", "--socket", socket.toString())).isEqualTo(1);
    assertThat(err()).contains(socket.toString());
    assertThat(run("healthcheck", "--socket", socket.toString())).isEqualTo(1);
  }
}
