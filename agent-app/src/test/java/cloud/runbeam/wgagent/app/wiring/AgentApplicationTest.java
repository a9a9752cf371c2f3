package cloud.runbeam.wgagent.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentApplicationTest {
  @TempDir private Path directory;

  private final ByteArrayOutputStream problems = new ByteArrayOutputStream();

  @Test
  void printsEveryProblemAndStartsNothing() throws IOException {
    Path file = directory.resolve("config.toml");
    Files.writeString(file, "[network.default]\nadress = 1\n");

    assertThat(run(Map.of(), Optional.of(file))).isEqualTo(1);

    assertThat(problems.toString(StandardCharsets.UTF_8).lines())
        .hasSize(3)
        .allMatch(line -> line.startsWith(file + ":"));
  }

  @Test
  void takesTheFileFromTheEnvironment() {
    Path file = directory.resolve("elsewhere.toml");

    assertThat(run(Map.of("WG_AGENT_CONFIG", file.toString()), Optional.empty())).isEqualTo(1);

    assertThat(problems.toString(StandardCharsets.UTF_8))
        .startsWith(file + ": there is no such file");
  }

  private int run(Map<String, String> environment, Optional<Path> file) {
    return new AgentApplication(
            environment, new PrintStream(problems, true, StandardCharsets.UTF_8))
        .run(file, false);
  }
}
