package cloud.runbeam.wgagent.app.docs;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.cli.Terminal;
import cloud.runbeam.wgagent.app.cli.Verbs;
import cloud.runbeam.wgagent.app.wiring.TestAgent;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every program of docs/clients does what its page says, against a real control server. A language
 * whose interpreter is not on this machine is named in the output; Java always is, and .ci/run
 * installs what Python and shell need.
 */
@Timeout(180)
class ClientExamplesTest {
  private static final Path EXAMPLES = Path.of("../docs/clients").toAbsolutePath().normalize();
  private static final long PATIENCE_SECONDS = 120; // A cold Go build cache takes its time.

  @TempDir private static Path directory;
  private static @Nullable TestAgent agent;

  /** A language, and how its example is run. */
  enum Language {
    JAVA("java"),
    PYTHON("python3"),
    NODE("node"),
    GO("go"),
    RUST("rustc"),
    SHELL("sh");

    private final String tool;

    Language(String tool) {
      this.tool = tool;
    }

    boolean isHere() {
      return this == JAVA
          || (isInstalled(tool) && (this != SHELL || isInstalled("socat") || isInstalled("nc")));
    }

    /** The words before socket and network; built first where the language wants that. */
    List<String> command() throws IOException, InterruptedException, URISyntaxException {
      return switch (this) {
        case JAVA ->
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Path.of(
                        ControlClient.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString(),
                EXAMPLES.resolve("java/AgentExample.java").toString());
        case PYTHON -> List.of(tool, EXAMPLES.resolve("python/agent.py").toString());
        case NODE -> List.of(tool, EXAMPLES.resolve("node/agent.mjs").toString());
        case GO -> List.of(tool, "run", EXAMPLES.resolve("go/agent.go").toString());
        case RUST -> {
          Path binary = directory.resolve("rust-agent");
          if (!Files.exists(binary)) {
            Ran built =
                execute(
                    List.of(
                        tool,
                        "--edition",
                        "2021",
                        "-D",
                        "warnings",
                        "-o",
                        binary.toString(),
                        EXAMPLES.resolve("rust/agent.rs").toString()));
            assertThat(built.exitCode()).as(built.toString()).isZero();
          }
          yield List.of(binary.toString());
        }
        case SHELL -> List.of(tool, EXAMPLES.resolve("shell/agent.sh").toString());
      };
    }
  }

  /** What a program did. */
  private record Ran(int exitCode, String out, String err) {}

  @BeforeAll
  static void startAgent() throws IOException {
    agent =
        TestAgent.start(
            directory,
            """
            [network.office]
            interface = "wg0"
            address = "10.100.0.2/24"
            private_key_path = "private.key"
            [[network.office.peers]]
            name = "core"
            public_key = "T2fCIbaPmBXsxicg9CEPqVqUqoCPtluDZJZi6F/gxcg="
            endpoint = "192.0.2.1:51820"
            allowed_ips = ["10.42.0.0/16"]
            """);
  }

  @AfterAll
  static void stopAgent() {
    if (agent != null) {
      agent.close();
    }
  }

  private static Path socket() {
    return Objects.requireNonNull(agent).socket();
  }

  @BeforeEach
  void networkIsDown() throws ControlException {
    try (ControlClient client = ControlClient.connect(socket(), Duration.ofSeconds(20))) {
      JsonValue.JsonObject status =
          (JsonValue.JsonObject) client.call("status", Map.of("network", JsonValue.of("office")));
      if (status.text("state").filter("active"::equals).isPresent()) {
        client.call("disconnect", Map.of("network", JsonValue.of("office")));
      }
    }
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(path -> new File(path, tool).canExecute());
  }

  private static Ran execute(List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.directory(directory.toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new AssertionError(
          command
              + " did not end; out: "
              + Files.readString(out)
              + " err: "
              + Files.readString(err));
    }
    return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static Ran run(Language language, String network)
      throws IOException, InterruptedException, URISyntaxException {
    List<String> command = new ArrayList<>(language.command());
    command.addAll(List.of(socket().toString(), network));
    return execute(command);
  }

  @ParameterizedTest
  @EnumSource
  void theExampleConnectsFollowsAndTellsRefusals(Language language) throws Exception {
    if (!language.isHere()) {
      System.err.println("docs/clients: " + language + " is not on this machine, not run");
      return;
    }

    Ran connected = run(language, "office");

    assertThat(connected.exitCode()).as("%s", connected).isZero();
    assertThat(connected.out().lines().toList())
        .as("%s", connected)
        .satisfies(lines -> assertThat(lines.getFirst()).startsWith("office: "))
        .contains("event: starting -> active", "connected: office on wg0");
    assertThat(connected.err()).isEmpty();

    Ran refused = run(language, "nowhere");

    assertThat(refused.exitCode()).as("%s", refused).isEqualTo(1);
    assertThat(refused.err()).startsWith("refused: network_not_found: nowhere");
    assertThat(refused.out()).startsWith("office: active").doesNotContain("connected");
  }

  @Test
  void mostLanguagesWereTried() {
    List<Language> found = Stream.of(Language.values()).filter(Language::isHere).toList();
    System.err.println("docs/clients: interpreters found for " + found);

    assertThat(found).contains(Language.JAVA).hasSizeGreaterThan(1);
  }

  @Test
  void theCommandsDoTheSame() throws Exception {
    assertThat(verb("networks")).contains("office", "wg0", "file");
    assertThat(verb("connect", "office")).isEqualTo("office: active, wg0, 1 peer\n");
    assertThat(verb("status")).startsWith("office: active, healthy, wg0");
    assertThat(verb("peers", "office")).contains("core", "10.42.0.0/16");
    assertThat(verb("plan")).isEqualTo("office: unchanged\n");
    assertThat(
            verb(
                "peer",
                "set",
                "office",
                "YQ0jcT7gTCRvtZHcHrOqVhRi7NVhw/7LZDd3wKXd/cs=",
                "--name",
                "laptop",
                "--allowed-ips",
                "10.100.0.3/32"))
        .isEqualTo("laptop: set, for 10.100.0.3/32\n");
    assertThat(verb("plan")).contains("office: update", "- peer laptop");
    assertThat(verb("peer", "remove", "office", "laptop")).startsWith("laptop: removed");
    assertThat(verb("reload", "office")).isEqualTo("office: unchanged\n");
    assertThat(verb("ping")).startsWith("answered in ");
    assertThat(verb("agent-version")).contains("platform");
    assertThat(verb("why", "10.42.0.7")).contains("10.42.0.7");
    assertThat(verb("disconnect", "office")).isEqualTo("office: stopped\n");
    assertThat(verb("status", "--json")).startsWith("{\n  \"networks\": [");
  }

  private static String verb(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    Verbs verbs =
        new Verbs(
            terminal,
            Map.of("WG_AGENT_SOCKET", socket().toString()),
            _ -> {
              throw new AssertionError("no agent is to be started");
            },
            (_, _) -> {
              throw new AssertionError("no console is to be started");
            });
    int exitCode = verbs.run(words);
    String told = out.toString(StandardCharsets.UTF_8);
    assertThat(exitCode)
        .as("%s: %s %s", List.of(words), told, err.toString(StandardCharsets.UTF_8))
        .isIn(words[0].equals("why") ? List.of(0, 1) : List.of(0));
    return told;
  }
}
