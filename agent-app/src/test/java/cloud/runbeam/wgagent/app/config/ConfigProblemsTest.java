package cloud.runbeam.wgagent.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One fixture for each way to be wrong. What is expected stands at the end of each: {@code # expect
 * REASON LINE:COLUMN: KEY: WHAT: ADVICE}.
 */
class ConfigProblemsTest {
  private static final String EXPECT = "# expect ";

  /** These are about the file as a whole and cannot be told by a text in it. */
  private static final Set<ProblemReason> ABOUT_THE_FILE =
      EnumSet.of(
          ProblemReason.FILE_MISSING,
          ProblemReason.FILE_UNREADABLE,
          ProblemReason.FILE_TOO_LARGE,
          ProblemReason.NOT_UTF8,
          // Only what comes over the control API: JsonConfigTest.
          ProblemReason.KEY_NOT_ALLOWED);

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "WG_KEY", KeyFixtures.base64("test key variable"),
          "WG_TEST_KEY", KeyFixtures.base64("test key variable"),
          "WG_TEST_BROKEN_KEY", "0123456789abcdef0123456789abcdef");

  @TempDir private Path directory;

  @BeforeEach
  void writeKeys() throws IOException {
    String key = KeyFixtures.base64("test key own") + "\n";
    KeyFixtures.write(directory.resolve("good.key"), key, "rw-------");
    KeyFixtures.write(directory.resolve("group-readable.key"), key, "rw-r-----");
    KeyFixtures.write(directory.resolve("other-readable.key"), key, "rw----r--");
    KeyFixtures.write(directory.resolve("malformed.key"), "no key at all\n", "rw-------");
    KeyFixtures.write(directory.resolve("long.key"), key.repeat(10), "rw-------");
    Files.createDirectory(directory.resolve("directory.key"));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void reportsEveryProblemWithItsPlace(String fixture) throws IOException {
    String text =
        Files.readString(fixtureDirectory().resolve(fixture))
            .replace("OWN_KEY", KeyFixtures.publicKey("test key own"));
    Path file = directory.resolve(fixture);
    Files.writeString(file, text);
    List<String> expected =
        text.lines()
            .filter(line -> line.startsWith(EXPECT))
            .map(line -> line.substring(EXPECT.length()))
            .toList();

    List<Problem> problems = problems(file);

    assertThat(
            problems.stream()
                .map(problem ->
                    problem.reason().code()
                        + problem
                            .toString()
                            .replace(file + ":", " ")
                            .replace(directory.toString(), "DIR"))
                .toList())
        .containsExactlyElementsOf(expected);
    assertThat(problems.toString()).doesNotContain("secret\"");
  }

  @Test
  void everyReasonHasAFixtureNamedAfterIt() {
    List<String> fixtures = fixtures().toList();

    for (ProblemReason reason : ProblemReason.values()) {
      if (!ABOUT_THE_FILE.contains(reason)) {
        assertThat(fixtures).contains(reason.code() + ".toml");
      }
    }
  }

  @Test
  void reportsAMissingFile() {
    Path file = directory.resolve("nothing.toml");

    assertThat(reasons(file)).containsExactly(ProblemReason.FILE_MISSING);
    assertThat(problems(file).getFirst().toString())
        .isEqualTo(
            file
                + ": there is no such file: create it (config/wg-agent.example.toml shows how) or"
                + " name another with --config");
  }

  @Test
  void reportsADirectoryInPlaceOfAFile() {
    assertThat(reasons(directory)).containsExactly(ProblemReason.FILE_UNREADABLE);
  }

  @Test
  void reportsAFileThatIsTooLarge() throws IOException {
    Path file = directory.resolve("large.toml");
    Files.writeString(file, "#".repeat((1 << 20) + 1));

    assertThat(reasons(file)).containsExactly(ProblemReason.FILE_TOO_LARGE);
  }

  @Test
  void reportsAFileThatIsNotUtf8() throws IOException {
    Path file = directory.resolve("latin1.toml");
    Files.write(file, new byte[] {'#', (byte) 0xE4, '\n'});

    assertThat(reasons(file)).containsExactly(ProblemReason.NOT_UTF8);
  }

  private static Set<ProblemReason> reasons(Path file) {
    return problems(file).stream().map(Problem::reason).collect(Collectors.toSet());
  }

  private static List<Problem> problems(Path file) {
    return switch (new ConfigLoader(ENVIRONMENT).load(file)) {
      case ConfigResult.Rejected rejected -> rejected.problems();
      case ConfigResult.Loaded loaded -> throw new AssertionError("accepted: " + loaded);
    };
  }

  private static Stream<String> fixtures() {
    try (Stream<Path> files = Files.list(fixtureDirectory())) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList().stream();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path fixtureDirectory() {
    try {
      return Path.of(ConfigProblemsTest.class.getResource("problems").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
