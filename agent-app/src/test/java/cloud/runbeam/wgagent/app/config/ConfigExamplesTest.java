package cloud.runbeam.wgagent.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every configuration that the repository shows is right, but for key files that this machine does
 * not have.
 */
class ConfigExamplesTest {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern BLOCK = Pattern.compile("```toml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern COMMENTED_KEY = Pattern.compile("(?m)^#([a-z_]+ = )");

  @TempDir private Path directory;

  @ParameterizedTest
  @MethodSource("examples")
  void acceptsTheExample(Path source, String text) throws IOException {
    assertThat(problems(text)).as("%s: %s", source, text).isEmpty();
  }

  @Test
  void acceptsTheDefaultsThatTheExampleShowsAsComments() throws IOException {
    String example = Files.readString(REPOSITORY.resolve("config/wg-agent.example.toml"));
    // Three places for one key exclude each other.
    String uncommented =
        COMMENTED_KEY
            .matcher(example)
            .replaceAll("$1")
            .replaceAll("(?m)^(private|preshared)_key_(env|credential) = .*$", "");

    assertThat(uncommented).contains("kill_switch = false", "fwmark = 0", "user = \"wg-agent\"");
    assertThat(problems(uncommented)).isEmpty();
  }

  private List<Problem> problems(String text) throws IOException {
    Path file = directory.resolve("example.toml");
    Files.writeString(file, text);
    return switch (new ConfigLoader(Map.of()).load(file)) {
      case ConfigResult.Loaded _ -> List.of();
      case ConfigResult.Rejected rejected ->
          rejected.problems().stream()
              .filter(problem -> problem.reason() != ProblemReason.KEY_MISSING)
              .toList();
    };
  }

  private static Stream<Object[]> examples() throws IOException {
    List<Object[]> examples = new ArrayList<>();
    for (Path file : files(REPOSITORY.resolve("config"), ".toml")) {
      examples.add(new Object[] {file, Files.readString(file)});
    }
    List<Path> documents = new ArrayList<>(files(REPOSITORY.resolve("docs"), ".md"));
    documents.add(REPOSITORY.resolve("README.md"));
    for (Path document : documents) {
      if (!Files.exists(document)) {
        continue;
      }
      Matcher block = BLOCK.matcher(Files.readString(document));
      while (block.find()) {
        examples.add(new Object[] {document, block.group(1)});
      }
    }
    return examples.stream();
  }

  private static List<Path> files(Path directory, String suffix) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }
}
