package cloud.runbeam.wgagent.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class CommandsTest {
  private static final String KEY = "T2fCIbaPmBXsxicg9CEPqVqUqoCPtluDZJZi6F/gxcg=";

  @TempDir private Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private FakeAgent agent;

  @BeforeEach
  void start() {
    agent = new FakeAgent(directory.resolve("control.sock"));
  }

  @AfterEach
  void stop() {
    agent.close();
  }

  private int run(String line) throws Exception {
    out.reset();
    err.reset();
    Commands.Found found = Commands.find(List.of(line.split(" "))).orElseThrow();
    Command.Action action =
        found.command().read(CommandArguments.parse(found.command().syntax(), found.rest()));
    try (ControlClient client = ControlClient.connect(agent.socket(), Duration.ofSeconds(20))) {
      return action.run(client, new CommandOutput(printer(out), printer(err), false, 80));
    }
  }

  private static PrintStream printer(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Stream<Command> commands() {
    return Commands.all().stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void itsNamesAreFoundAndItsHelpFitsTheScreen(Command command) {
    CommandSyntax syntax = command.syntax();

    assertThat(Commands.find(syntax.name()).orElseThrow()).hasSameClassAs(command);
    assertThat(syntax.aliases())
        .allSatisfy(name -> assertThat(Commands.find(name).orElseThrow()).hasSameClassAs(command));
    assertThat(syntax.summary()).hasSizeLessThan(78 - 20).endsWith(".");
    assertThat(syntax.options()).contains(CommandSyntax.JSON);
    assertThat(syntax.examples()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void itsExamplesAreUnderstood(Command command) throws Exception {
    Path file = Files.writeString(directory.resolve("office.toml"), "[network.office]\n");
    for (CommandSyntax.Example example : command.syntax().examples()) {
      String line = example.line().replace("office.toml", file.toString());
      Commands.Found found = Commands.find(List.of(line.split(" "))).orElseThrow();
      assertThat(found.command()).hasSameClassAs(command);
      command.read(CommandArguments.parse(command.syntax(), found.rest()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "connect",
        "connect office --persist",
        "reload office --persist",
        "apply --confirm 0",
        "rotate-keys office --overlap soon",
        "connect --config /nonexistent.toml",
        "disconnect",
        "disconnect a b",
        "rotate-keys office --phase later",
        "peer set office",
        "peer set office KEY --keepalive often",
        "why",
        "events --topic weather",
        "events --follow --count 2",
        "ping --count 0",
        "status --jsn",
        "reload --config",
        "status --json=yes",
        "status --json --json"
      })
  void mistakesAreToldBeforeAnAgentIsAsked(String line) {
    assertThatThrownBy(() -> run(line)).isInstanceOf(CommandUsageException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "status, status",
    "networks, list",
    "peers, status",
    "connect office, connect",
    "disconnect office, disconnect",
    "reload, reload",
    "plan, plan",
    "rotate-keys office, rotate_keys",
    "peer set office KEY, peer.set",
    "peer remove office T2fCIbaPmBXsxicg9CEPqVqUqoCPtluDZJZi6F/gxcg=, peer.remove",
    "why 10.0.0.1, why",
    "diag, diag",
    "ping, ping",
    "agent-version, version"
  })
  void jsonIsTheAnswerAsReceived(String line, String method) throws Exception {
    String answer = "{\"zeta\":[1,{\"deep\":null}],\"alpha\":\"x\"}";
    agent.answers(method, answer);

    assertThat(run(line + " --json")).isZero();

    assertThat(JsonValue.parse(out())).isEqualTo(JsonValue.parse(answer));
  }

  @Test
  void refusalsComeWithTypeAndProblems() {
    agent.refuses("connect", "config_error", "2 problems");

    assertThatThrownBy(() -> run("connect office"))
        .isInstanceOfSatisfying(
            ControlException.class,
            refused -> {
              assertThat(refused.type()).isEqualTo("config_error");
              assertThat(refused.problems().getFirst())
                  .hasToString("line 3: network.a.mtu: too small");
            });
  }

  @Test
  void tablesFitEightyColumnsWhateverIsInThem() throws Exception {
    String long63 = "n".repeat(63);
    agent.answers(
        "status",
        """
        {"networks":[{"network":"%s","state":"active","peers":{"detail":[
          {"name":"%s","public_key":"%s","endpoint":"[2001:db8:1234:5678:9abc:def0:1234:5678]:51820",
           "allowed_ips":["10.0.0.0/8","192.168.0.0/16","fd00::/8"],"last_handshake_seconds":119,
           "latency_ms":1234.56,"loss_ratio":0.123,"tx_bytes":99999999999,"rx_bytes":1,"state":"unreachable"}]}}]}
        """
            .formatted(long63, long63, KEY));
    agent.answers(
        "list",
        "{\"networks\":[{\"network\":\"%s\",\"state\":\"uninitialized\",\"interface\":\"wg0\",\"source\":\"api\"}]}"
            .formatted(long63));

    for (String line : List.of("peers", "networks", "status")) {
      assertThat(run(line)).isZero();
      // The heading of a network is a sentence, not a row.
      assertThat(out().lines().filter(row -> row.startsWith("  ")))
          .isNotEmpty()
          .allSatisfy(row -> assertThat(row).hasSizeLessThanOrEqualTo(80));
    }
    run("peers");
    assertThat(out()).contains("T2f", "cg=", "12.3 %", "unreachable");
  }

  @Test
  void controlCharactersOfOthersDoNotReachTheTerminal() throws Exception {
    agent.answers("list", "{\"networks\":[{\"network\":\"a\\u001b[31mb\",\"state\":\"active\"}]}");

    run("networks");

    assertThat(out()).doesNotContain("\u001b").contains("a\uFFFD[31mb");
  }

  @Test
  void connectSendsTheNetworkOfAFileWithAbsolutePaths() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("office.toml"),
            """
            [network.office]
            interface = "wg7"
            private_key_path = "office.key"
            mtu = 1380
            [[network.office.peers]]
            public_key = "%s"
            preshared_key_path = "/etc/psk"
            allowed_ips = ["10.0.0.0/8"]
            """
                .formatted(KEY));
    agent.answers(
        "connect",
        "{\"network\":\"office\",\"state\":\"active\",\"interface\":\"wg7\",\"peers\":1}");

    assertThat(run("connect --persist --config " + file)).isZero();

    assertThat(out()).isEqualTo("office: active, wg7, 1 peer\n");
    JsonValue.JsonObject asked = agent.asked("connect");
    assertThat(asked.text("network")).hasValue("office");
    assertThat(asked.bool("persist")).hasValue(true);
    JsonValue.JsonObject config = asked.object("config").orElseThrow();
    assertThat(config.text("private_key_path"))
        .hasValue(directory.resolve("office.key").toString());
    assertThat(config.integer("mtu")).hasValue(1380L);
    assertThat(config.objects("peers").getFirst().text("preshared_key_path")).hasValue("/etc/psk");
  }

  @Test
  void reloadShowsWhatChangedWithSigns() throws Exception {
    String diff =
        """
        {"networks":[{"network":"office","action":"update","peers_added":["laptop"],"peers_removed":["old"],
          "peers_updated":[],"routes_added":["10.1.0.0/16"],"changed":["listen_port"],"restarted":false},
          {"network":"lab","action":"none","peers_added":[],"restarted":false}]}
        """;
    agent.answers("reload", diff).answers("plan", diff);

    for (String line : List.of("reload", "plan")) {
      assertThat(run(line)).isZero();
      assertThat(out())
          .isEqualTo(
              """
              office: update
                + peer laptop
                - peer old
                + route 10.1.0.0/16
                ~ listen port
              lab: unchanged
              """);
    }
  }

  @Test
  void peerSetSendsWhatWasGivenAndNothingElse() throws Exception {
    agent.answers("peer.set", "{\"name\":\"laptop\",\"allowed_ips\":[\"10.0.0.3/32\"]}");

    assertThat(
            run(
                "peer set office "
                    + KEY
                    + " --name laptop --allowed-ips 10.0.0.3/32,fd00::3/128 --keepalive=25"))
        .isZero();

    assertThat(out()).isEqualTo("laptop: set, for 10.0.0.3/32\n");
    assertThat(agent.asked("peer.set").toJson())
        .isEqualTo(
            "{\"network\":\"office\",\"peer\":{\"name\":\"laptop\",\"public_key\":\""
                + KEY
                + "\",\"allowed_ips\":[\"10.0.0.3/32\",\"fd00::3/128\"],\"persistent_keepalive_secs\":25}}");
  }

  @Test
  void whatIsAppliedWaitsForItsConfirmation() throws Exception {
    agent.answers("reload", "{\"network\":\"office\",\"action\":\"update\",\"changed\":[\"mtu\"]}");
    agent.answers("confirm", "{\"confirmed\":true,\"networks\":[]}");

    assertThat(run("apply --confirm 60")).isZero();

    assertThat(agent.asked("reload").toJson()).isEqualTo("{\"confirm_seconds\":60}");
    assertThat(out()).contains("office: update", "~ mtu", "60 s");
    assertThat(run("confirm")).isZero();
    assertThat(run("confirm --undo")).isZero();
    assertThat(agent.asked("confirm").bool("roll_back")).hasValue(true);
  }

  @Test
  void aPeerIsRemovedByItsNameToo() throws Exception {
    agent.answers(
        "status",
        "{\"network\":\"office\",\"peers\":{\"detail\":[{\"name\":\"laptop\",\"public_key\":\"%s\"}]}}"
            .formatted(KEY));
    agent.answers("peer.remove", "{\"name\":\"laptop\",\"endpoint\":[\"192.0.2.1:1\"]}");

    assertThat(run("peer remove office laptop --persist")).isZero();

    assertThat(out()).isEqualTo("laptop: removed, at 192.0.2.1:1\n");
    assertThat(agent.asked("peer.remove").toJson())
        .isEqualTo("{\"network\":\"office\",\"persist\":true,\"public_key\":\"" + KEY + "\"}");
  }

  @Test
  void whyShowsTheChainAndFailsWhereItIsBroken() throws Exception {
    agent.answers(
        "why",
        """
        {"address":"10.42.0.7","network":"office","outcome":"broken","summary":"no session: start the peer",
         "broken":"session","chain":[{"link":"route","state":"ok","fact":"10.42.0.0/16 dev wg0"},
         {"link":"allowed_ips","state":"broken","fact":"core, no handshake","advice":"start the peer"}]}
        """);

    assertThat(run("why 10.42.0.7 --network office")).isEqualTo(1);

    assertThat(out())
        .isEqualTo(
            """
              ok       route           10.42.0.0/16 dev wg0
              broken   allowed ips     core, no handshake -> start the peer
            no session: start the peer
            """);
    assertThat(run("why 10.42.0.7 --json")).isZero();
  }

  @Test
  void rotationTellsTheNewKeyAndHowLongBothHold() throws Exception {
    agent.answers(
        "rotate_keys",
        "{\"public_key\":\"NEW\",\"previous_public_key\":\"OLD\",\"phase\":\"begin\",\"overlap_until\":\"2026-11-23T09:00:00Z\"}");

    assertThat(run("rotate-keys office --phase begin")).isZero();

    assertThat(agent.asked("rotate_keys").text("phase")).hasValue("begin");
    assertThat(out())
        .containsSubsequence("phase", "begin", "public key", "NEW", "previous public key", "OLD");
  }

  @Test
  void eventsAreCountedAndPrinted() throws Exception {
    String event =
        "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{\"topic\":\"state\",\"network\":\"lab\",\"at\":\"2026-11-23T08:00:00Z\",\"data\":{\"state\":\"active\"}}}";
    agent.answers("subscribe", "{\"topics\":[\"state\"]}", event, event, event);

    assertThat(run("events --topic state --count 2")).isZero();
    assertThat(out().lines())
        .hasSize(2)
        .allMatch(line -> line.equals("2026-11-23T08:00:00Z  state  lab  state=active"));
    assertThat(agent.asked("subscribe").toJson()).isEqualTo("{\"topics\":[\"state\"]}");

    assertThat(run("events --count 3 --json")).isZero();
    assertThat(out().lines()).hasSize(3).allMatch(line -> line.startsWith("{\"topic\":\"state\""));
  }

  @Test
  void diagWritesAFileThatOnlyItsOwnerReads() throws Exception {
    agent.answers(
        "diag",
        """
        {"name":"d.zip","bytes":3,"entries":[{"name":"log.txt","bytes":2048}],"archive":"emlw"}
        """);
    Path file = directory.resolve("diag.zip");

    assertThat(run("diag --output " + file)).isZero();
    assertThat(agent.asked("diag").toJson()).isEqualTo("{\"archive\":true}");
    assertThat(Files.readString(file)).isEqualTo("zip");
    assertThat(out()).contains("written to " + file, "log.txt", "2.0 KiB").doesNotContain("emlw");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");

    assertThat(run("diag --output " + file)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("exists");
  }

  @Test
  void diagSaysWhereTheAgentKeepsIt() throws Exception {
    agent.answers("diag", "{\"path\":\"/var/lib/wg-agent/diag/d.zip\",\"bytes\":1024}");
    assertThat(run("diag")).isZero();
    assertThat(out()).startsWith("written to /var/lib/wg-agent/diag/d.zip, 1.0 KiB");
  }

  @Test
  void logsShowsTheLinesAndIndentsWhatBelongsToThem() throws Exception {
    agent.answers(
        "logs",
        """
        {"lines":[{"at":"2026-11-23T09:00:00Z","level":"warn","logger":"Tunnel",
          "text":"failed\\n\\tat there"}]}
        """);
    assertThat(run("logs --level warn --lines 3")).isZero();
    assertThat(out()).isEqualTo("2026-11-23T09:00:00Z WARN  failed\n      at there\n");
    assertThat(agent.asked("logs").toJson()).isEqualTo("{\"lines\":3,\"level\":\"warn\"}");
  }

  @Test
  void showFindsAPeerByNameOrByTheStartOfItsKey() throws Exception {
    agent.answers(
        "status",
        """
        {"networks":[{"network":"lab","peers":{"detail":[
          {"name":"far","public_key":"abcdefgh","loss_ratio":0.125,"tx_bytes":2048},
          {"name":"near","public_key":"ijklmnop"}]}}]}
        """);
    assertThat(run("show far")).isZero();
    assertThat(out()).contains("network     lab", "loss        12.5 %", "sent        2.0 KiB");
    assertThat(out()).doesNotContain("near");
    assertThat(run("show ijklmn --json")).isZero();
    assertThat(out()).contains("\"name\": \"near\"").doesNotContain("far");
    assertThat(run("show nobody")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("no peer is called nobody");
  }

  @Test
  void showDrawsTheLastHourWhereTheAgentRemembersIt() throws Exception {
    agent.answers(
        "status",
        """
        {"networks":[{"network":"lab","peers":{"detail":[{"name":"far","public_key":"k"}]}}]}
        """);
    agent.answers(
        "history",
        """
        {"points":[{"tx_bytes_per_second":0,"rx_bytes_per_second":1024,"loss_ratio":0.5},
          {"tx_bytes_per_second":0,"rx_bytes_per_second":8192},
          {"tx_bytes_per_second":0,"rx_bytes_per_second":4096,"loss_ratio":0.25}]}
        """);
    assertThat(run("show far")).isZero();
    assertThat(out())
        .contains("the last 3 minutes:\n  out      ▁▁▁\n           at most 0 B/s\n")
        .contains("  in       ▁█▄\n           at most 8.0 KiB/s\n")
        .contains("  loss     █ ▄\n           at most 50.0 %\n");
    assertThat(agent.asked("history").toJson()).isEqualTo("{\"network\":\"lab\",\"peer\":\"k\"}");
  }

  @Test
  void pingTellsHowFast() throws Exception {
    agent.answers("ping", "{\"pong\":true}");

    assertThat(run("ping")).isZero();
    assertThat(out()).matches("answered in [0-9.]+ ms\n");
    assertThat(run("ping --count 5")).isZero();
    assertThat(out()).startsWith("5 answers: median ");
  }

  @Test
  void shadesAreForTerminalsOnly() {
    assertThat(Shade.of("active").paint("active", false)).isEqualTo("active");
    assertThat(Shade.of("active").paint("active", true)).isEqualTo("\u001b[32mactive\u001b[0m");
    assertThat(Shade.of("10.0.0.1").paint("10.0.0.1", true)).isEqualTo("10.0.0.1");
  }
}
