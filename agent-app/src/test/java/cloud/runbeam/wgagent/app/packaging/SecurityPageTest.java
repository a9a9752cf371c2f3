package cloud.runbeam.wgagent.app.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/security.md} names the tests that prove its claims: they must be there. */
class SecurityPageTest {
  private static final Path REPOSITORY = Path.of(System.getProperty("wgagent.repository", ".."));
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+(?:Test|IT))(?:\\.(\\w+))?`");

  @Test
  void everyTestThatThePageNamesExists() throws IOException {
    Map<String, List<Path>> tests = tests();
    List<MatchResult> named =
        NAMED.matcher(Files.readString(REPOSITORY.resolve("docs/security.md"))).results().toList();
    assertThat(named).hasSizeGreaterThan(40);
    List<String> missing = new ArrayList<>();
    for (MatchResult name : named) {
      List<Path> files = tests.getOrDefault(name.group(1), List.of());
      if (files.isEmpty() || (name.group(2) != null && !declares(files, name.group(2)))) {
        missing.add(name.group());
      }
    }
    assertThat(missing).isEmpty();
  }

  private static boolean declares(List<Path> files, String method) throws IOException {
    for (Path file : files) {
      if (Files.readString(file).contains("void " + method + "(")) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, List<Path>> tests() throws IOException {
    try (Stream<Path> modules =
        Stream.of("agent-engine", "agent-client", "agent-app", "platform-plugins", "charts")
            .map(REPOSITORY::resolve)
            .filter(Files::isDirectory)) {
      List<Path> files = new ArrayList<>();
      for (Path module : modules.toList()) {
        try (Stream<Path> tree = Files.walk(module)) {
          tree.filter(file -> file.toString().contains("/src/test/java/")).forEach(files::add);
        }
      }
      return files.stream()
          .filter(file -> file.toString().endsWith(".java"))
          .collect(
              Collectors.groupingBy(file -> file.getFileName().toString().replace(".java", "")));
    }
  }
}
