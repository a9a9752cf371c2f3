package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.AGENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The console on a real pseudo-terminal, beside an agent that carries traffic: every capture in
 * docs/console.md is made again and has to look the same but for figures.
 *
 * <p>{@code WG_AGENT_WRITE_DOCS=1} in the environment writes the captures into the page instead.
 */
@SuppressWarnings("NullAway.Init")
final class ConsoleIT {
  private static final String PROMPT = "wg-agent>";
  private static final Pattern CAPTURE =
      Pattern.compile("(<!-- capture: (.+?) -->\n```text\n)(.*?)(```)", Pattern.DOTALL);
  private static final Path PAGE =
      Path.of(System.getProperty("wgagent.repository", "..")).resolve("docs/console.md");

  @TempDir private Path directory;

  private NetnsPair pair;
  private TunnelEnd far;
  private AgentFiles files;
  private Path presharedKey;
  private NetnsPair.Started agent;
  private final Set<String> keys = new LinkedHashSet<>();

  @BeforeEach
  void hosts() throws Exception {
    pair = new NetnsPair();
    far = TunnelEnd.start(pair, "b", AGENT);
    files = new AgentFiles(directory);
    presharedKey = far.keyFile(Shell.run("wg", "genpsk").strip());
    files.writeConfig(
        """
        [network.office]
        interface = "%s"
        address = ["192.168.177.1/24"]
        listen_port = %d
        private_key_path = "%s"

        [[network.office.peers]]
        name = "server"
        public_key = "%s"
        preshared_key_path = "%s"
        endpoint = "10.99.0.2:%d"
        allowed_ips = ["192.168.177.2/32"]

        [[network.office.peers]]
        name = "laptop"
        public_key = "%s"
        allowed_ips = ["192.168.177.3/32"]
        """
            .formatted(
                pair.device("a"),
                TunnelEnd.PORT,
                files.key(),
                far.publicKey(),
                presharedKey,
                TunnelEnd.PORT,
                somePublicKey()));
    far.wgSet(
        "peer",
        files.publicKey(),
        "preshared-key",
        presharedKey.toString(),
        "allowed-ips",
        "192.168.177.1/32");
    far.linkUp();
    agent =
        pair.start(
            pair.a(), InstalledAgent.launcher(), "up", "--config", files.config().toString());
    await("the agent's tunnel")
        .atMost(NetnsPair.PATIENCE.multipliedBy(4))
        .until(() -> {
          assertThat(agent.process().isAlive()).as(agent.output()).isTrue();
          return pings();
        });
    for (int i = 0; i < 3; i++) {
      assertThat(pings()).isTrue();
    }
  }

  private static String somePublicKey() {
    return Shell.execute(Shell.run("wg", "genkey"), "wg", "pubkey").expectSuccess().strip();
  }

  private boolean pings() {
    return pair.attempt(pair.a(), "", "ping", "-n", "-c", "1", "-W", "1", far.ipv4()).exitCode()
        == 0;
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private TmuxScreen console(String server, Map<String, String> variables) {
    return new TmuxScreen(
        directory.resolve(server),
        Stream.concat(
                variables.entrySet().stream(),
                Map.of(
                    "XDG_STATE_HOME",
                    directory.resolve("home").toString(),
                    "WG_AGENT_CONFIG",
                    files.config().toString())
                    .entrySet()
                    .stream())
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
        List.of(InstalledAgent.launcher(), "shell", "--socket", files.socket().toString()));
  }

  @Test
  void looksAsDocumentedAndShowsNoKeyAnywhere() throws Exception {
    String everything;
    try (TmuxScreen screen = console("tmux", Map.of())) {
      screen.await("a prompt", ConsoleIT::endsWithPrompt);
      replayThePage(screen);
      completesAndRemembers(screen);
      everything = screen.everything();
    }
    assertThat(everything).contains("office: active");
    assertThat(keys).as("the key, the preshared key, and the one of the rotation").hasSize(3);
    searchForKeys("the console", everything.getBytes(StandardCharsets.UTF_8));
    searchForKeys("the agent's log", agent.output().getBytes(StandardCharsets.UTF_8));
    Path history = directory.resolve("home/wg-agent/console-history");
    searchForKeys("the history", Files.readAllBytes(history));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history)))
        .isEqualTo("rw-------");
    searchTheArchives();
    hasNoColoursWhereNobodyWantsThem();
    runsAPipeAsAScript();
  }

  private void replayThePage(TmuxScreen screen) throws IOException {
    String page = Files.readString(PAGE);
    boolean write = "1".equals(System.getenv("WG_AGENT_WRITE_DOCS"));
    StringBuilder written = new StringBuilder();
    Matcher capture = CAPTURE.matcher(page);
    while (capture.find()) {
      String line = capture.group(2);
      String seen = readable(run(screen, line));
      if (!write) {
        assertThat(shape(seen)).as("'%s' shows\n%s", line, seen).isEqualTo(shape(capture.group(3)));
      }
      capture.appendReplacement(
          written, Matcher.quoteReplacement(capture.group(1) + seen + "\n" + capture.group(4)));
    }
    capture.appendTail(written);
    if (write) {
      Files.writeString(PAGE, written);
    }
  }

  private String run(TmuxScreen screen, String line) throws IOException {
    if (line.equals("plan")) {
      Files.writeString(
          files.config(),
          """

          [[network.office.peers]]
          name = "phone"
          public_key = "%s"
          allowed_ips = ["192.168.177.4/32"]
          """
              .formatted(somePublicKey()),
          StandardOpenOption.APPEND);
    }
    if (line.startsWith("why")) {
      await("a session again").atMost(NetnsPair.PATIENCE).until(this::pings);
    }
    screen.forget(PROMPT);
    screen.type(line);
    screen.press("Enter");
    if (line.startsWith("watch")) {
      screen.await("a second drawing", text -> text.contains("B/s"));
      String live = screen.drawing();
      screen.press("q");
      screen.await("the prompt after q", ConsoleIT::endsWithPrompt);
      return PROMPT + " " + line + "\n" + live;
    }
    if (line.startsWith("events")) {
      await("events")
          .atMost(NetnsPair.PATIENCE.multipliedBy(2))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> {
            changeSomething();
            return endsWithPrompt(screen.text());
          });
    }
    String seen =
        screen.await(
            "the end of " + line,
            text -> endsWithPrompt(text) && text.lines().filter(PROMPT::equals).count() == 1);
    rememberKeys();
    return seen.substring(0, seen.lastIndexOf(PROMPT)).stripTrailing();
  }

  /** Every key file there is now; a rotation makes one more. */
  private void rememberKeys() throws IOException {
    keys.add(Files.readString(files.key()).strip());
    keys.add(Files.readString(presharedKey).strip());
    try (Stream<Path> around = Files.list(directory)) {
      for (Path file : around.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file).strip();
        if (text.matches("[A-Za-z0-9+/]{43}=")) {
          keys.add(text);
        }
      }
    }
  }

  /** Something to be told; nobody sees when the console begins to listen. */
  private void changeSomething() {
    try (ControlClient other = ControlClient.connect(files.socket(), Duration.ofSeconds(10))) {
      Map<String, JsonValue> office = Map.of("network", JsonValue.of("office"));
      other.call("disconnect", office);
      other.call("connect", office);
    } catch (ControlException e) {
      throw new AssertionError("the agent refused", e);
    }
  }

  private static boolean endsWithPrompt(String text) {
    return text.lines().reduce("", (_, last) -> last).equals(PROMPT);
  }

  /** What differs from run to run by its name, as a reader of the page would have it. */
  private String readable(String seen) {
    String device = pair.device("a");
    return seen.replace(device + "  ", "wg0" + " ".repeat(device.length() - 1))
        .replace(device, "wg0")
        .replace(directory.toString(), "/tmp/office")
        .replaceAll("\n{3,}", "\n\n")
        // As a terminal of 80 columns breaks them.
        .replaceAll("(?m)(^.{80})(?=.)", "$1\n");
  }

  /** Everything but figures, keys and the width of columns. */
  private static String shape(String seen) {
    return seen.replaceAll("\\s+", "")
        .replaceAll("thesystemasks[0-9a-f.:,]*", "thesystemasks")
        .replaceAll("[A-Za-z0-9+/]{43}=", "KEY")
        .replaceAll("[A-Za-z0-9+/]+…[A-Za-z0-9+/]+=?", "KEY")
        .replaceAll("[0-9]+(\\.[0-9]+)?", "0")
        .replaceAll("0([KMG]i)?B", "0B")
        .replaceAll("0(s|min|h)", "0s");
  }

  private void completesAndRemembers(TmuxScreen screen) {
    screen.forget(PROMPT);
    screen.type("show lap");
    screen.press("Tab");
    screen.await("a completed peer", text -> text.equals(PROMPT + " show laptop"));
    screen.press("C-c");
    screen.await("a line thrown away", text -> text.endsWith(PROMPT));
    screen.type("events");
    screen.press("Enter");
    screen.await("events", text -> text.endsWith("events"));
    screen.press("C-c");
    screen.await("the prompt after Ctrl-C", text -> text.endsWith("events\n^C\n" + PROMPT));
    screen.type("status");
    screen.press("Enter");
    screen.await("colours", text -> text.contains("office: active") && endsWithPrompt(text));
    assertThat(screen.colouredText()).contains("\u001b[32mactive");
    screen.type("exit");
    screen.press("Enter");
    screen.awaitEnd();
  }

  private void hasNoColoursWhereNobodyWantsThem() {
    try (TmuxScreen screen = console("plain", Map.of("NO_COLOR", "1"))) {
      screen.await("a prompt", ConsoleIT::endsWithPrompt);
      screen.type("status");
      screen.press("Enter");
      screen.await("status", text -> text.contains("office: active") && endsWithPrompt(text));
      assertThat(screen.colouredText()).doesNotContain("\u001b[");
    }
  }

  private void runsAPipeAsAScript() {
    Shell.Result piped =
        pair.attempt(
            pair.a(),
            "# as a script\nstatus office\nstatus nosuch\nnetworks\n",
            InstalledAgent.launcher(),
            "shell",
            "--socket",
            files.socket().toString());
    assertThat(piped.exitCode()).isEqualTo(1);
    assertThat(piped.out()).contains("office: active", "server").doesNotContain("\u001b[");
    assertThat(piped.err()).contains("nosuch");
  }

  private void searchTheArchives() throws IOException {
    try (Stream<Path> archives = Files.list(directory.resolve("state/diag"))) {
      for (Path archive : archives.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)))
            .isEqualTo("rw-------");
        ByteArrayOutputStream unpacked = new ByteArrayOutputStream();
        try (ZipInputStream zip =
            new ZipInputStream(new ByteArrayInputStream(Files.readAllBytes(archive)))) {
          for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            unpacked.writeBytes(zip.readAllBytes());
          }
        }
        assertThat(unpacked.toString(StandardCharsets.UTF_8))
            .contains(files.publicKey(), "server", "wg-out-");
        searchForKeys(archive.toString(), unpacked.toByteArray());
      }
    }
  }

  private void searchForKeys(String where, byte[] bytes) throws IOException {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String joined = text.replaceAll("\\s", "");
    rememberKeys();
    for (String base64 : keys) {
      byte[] key = Base64.getDecoder().decode(base64);
      for (String form :
          List.of(
              base64.substring(0, 43),
              HexFormat.of().formatHex(key),
              new String(key, StandardCharsets.ISO_8859_1))) {
        assertThat(text.contains(form) || joined.contains(form)).as("a key in " + where).isFalse();
      }
    }
  }
}
