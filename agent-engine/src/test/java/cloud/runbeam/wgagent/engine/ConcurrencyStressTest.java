package cloud.runbeam.wgagent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the jcstress tests of all cross-thread structures (classes named {@code *Stress}), each in a
 * JVM of its own, two threads against each other, millions of times.
 *
 * <p>On every build one round of each, which finds what is broken outright. For the order of memory
 * accesses under every mode of compilation, run it for an hour:
 *
 * <pre>
 *   ./mvnw -pl agent-engine test -Dtest=ConcurrencyStressTest -Djcstress.args="-m default"
 * </pre>
 */
class ConcurrencyStressTest {
  private static final List<String> BRIEFLY =
      List.of(
          "-m",
          "quick",
          "-sc",
          "false",
          "-af",
          "NONE",
          "-f",
          "1",
          "-iters",
          "2",
          "-time",
          "300",
          // One mode of compilation instead of all: these flags stand in for the detected ones.
          "-jvmArgs",
          "-Xmx256m -XX:+UseSerialGC -XX:-UsePerfData");

  /** Two threads race only where there are two processors. */
  private static final int PROCESSORS_NEEDED = 2;

  private static final long LIMIT_MINUTES = 8;

  private static final Pattern PASSED =
      Pattern.compile("All remaining tests: (\\d+) matching test results");

  @Test
  void sharedStructuresKeepTheirPromises(@TempDir Path directory)
      throws IOException, InterruptedException {
    assertThat(Runtime.getRuntime().availableProcessors())
        .isGreaterThanOrEqualTo(PROCESSORS_NEEDED);
    Path output = directory.resolve("output.txt");
    String given = System.getProperty("jcstress.args");
    List<String> command = command(given == null ? BRIEFLY : List.of(given.split(" +")));
    Process jcstress =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (given == null) {
        assertThat(jcstress.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).as("ended in time").isTrue();
      } else {
        jcstress.waitFor();
      }
    } finally {
      jcstress.descendants().forEach(ProcessHandle::destroyForcibly);
      jcstress.destroyForcibly();
    }
    String report = Files.readString(output);
    assertThat(report).contains("Failed tests: No matches.").contains("Error tests: No matches.");
    Matcher passed = PASSED.matcher(report);
    assertThat(passed.find()).as(report).isTrue();
    if (given == null) {
      assertThat(Integer.parseInt(passed.group(1))).isEqualTo(allTests());
    }
  }

  private static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-classpath");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add("org.openjdk.jcstress.Main");
    command.addAll(arguments);
    return command;
  }

  /** The list that jcstress made of them at compile time has a line for each. */
  private static long allTests() throws IOException {
    try (var list = ConcurrencyStressTest.class.getResourceAsStream("/META-INF/TestList")) {
      assertThat(list).as("jcstress's list of tests").isNotNull();
      return new String(list.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank())
          .count();
    }
  }
}
