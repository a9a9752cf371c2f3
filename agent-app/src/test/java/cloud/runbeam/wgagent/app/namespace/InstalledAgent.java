package cloud.runbeam.wgagent.app.namespace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The packaged jar unpacked into the layout of an installation, made once for all tests: the
 * launcher's other layout, in which it never builds.
 */
final class InstalledAgent {
  private static final Path HOME = install();

  private InstalledAgent() {}

  /** The launcher. */
  static String launcher() {
    return HOME.resolve("wg-agent").toString();
  }

  /** The link that makes the launcher behave as {@code wg-agent device}. */
  static String deviceLink() {
    return HOME.resolve("wg-agent-device").toString();
  }

  /** The packaged jar itself. */
  static Path jar() {
    return Path.of(System.getProperty("wgagent.jar", "target/wg-agent.jar"));
  }

  /** The {@code java} of this test run. */
  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static Path install() {
    Path repository = Path.of(System.getProperty("wgagent.repository", ".."));
    try {
      Path home = Files.createTempDirectory("wg-agent-installed");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(home)));
      Files.copy(repository.resolve("wg-agent"), home.resolve("wg-agent"));
      home.resolve("wg-agent").toFile().setExecutable(true);
      Files.createSymbolicLink(home.resolve("wg-agent-device"), Path.of("wg-agent"));
      if (holdsItsLibraries(jar())) {
        Shell.run(
            java(),
            "-Djarmode=tools",
            "-jar",
            jar().toString(),
            "extract",
            "--destination",
            home.resolve("app").toString());
      } else {
        // Made while working: a jar whose manifest names its libraries where they lie.
        Files.createDirectory(home.resolve("app"));
        Files.copy(jar(), home.resolve("app/wg-agent.jar"));
      }
      Files.copy(repository.resolve(".mvn/find-jdk.sh"), home.resolve("app/find-jdk.sh"));
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean holdsItsLibraries(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getEntry("BOOT-INF/") != null;
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
