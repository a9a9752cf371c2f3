package cloud.runbeam.wgagent.app.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code wg-agent} script in an installed layout. */
final class LauncherIT {
  @TempDir private Path directory;

  @BeforeEach
  void requirements() {
    Requirements.check();
  }

  @Test
  void followsLinksToFindItself() throws Exception {
    Path first =
        Files.createSymbolicLink(directory.resolve("first"), Path.of(InstalledAgent.launcher()));
    Path second = Files.createSymbolicLink(directory.resolve("wg-agent"), first.getFileName());

    assertThat(Shell.run(second.toString(), "version")).startsWith("wg-agent ");
  }

  @Test
  void aLinkOfTheOtherNameMeansTheDeviceVerb() throws Exception {
    Path link =
        Files.createSymbolicLink(
            directory.resolve("wg-agent-device"), Path.of(InstalledAgent.launcher()));

    assertThat(Shell.run(link.toString(), "--help")).contains("wg-agent device");
    Shell.Result withoutName = Shell.execute("", link.toString());
    assertThat(withoutName.exitCode()).isEqualTo(2);
    assertThat(withoutName.err()).contains("IFNAME is missing");
  }

  @Test
  void passesOptionsOnToTheJvm() {
    ProcessBuilder builder = new ProcessBuilder(InstalledAgent.launcher(), "version");
    builder.environment().put("WG_AGENT_JAVA_OPTS", "-Xmx32m --version");

    assertThat(Shell.execute("", builder).expectSuccess())
        .startsWith("openjdk 2")
        .doesNotContain("wg-agent");
  }

  @Test
  void saysWhatToInstallWhereThereIsNoJdk() {
    ProcessBuilder builder =
        new ProcessBuilder(
            "unshare",
            "-m",
            "sh",
            "-c",
            "mount -t tmpfs none /usr/lib/jvm && mount -t tmpfs none /opt && exec "
                + InstalledAgent.launcher()
                + " version");
    builder.environment().put("JAVA_HOME", "/nonexistent");
    builder.environment().put("HOME", directory.toString());

    Shell.Result result = Shell.execute("", builder);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains(
            "no JDK 25 or later found",
            "JAVA_HOME is /nonexistent, which is no JDK",
            "Install one");
  }

  @Test
  void takesTheNewestJdkWhereJavaHomeIsTooOld() throws Exception {
    Path old = Files.createDirectories(directory.resolve("jdk-17/bin"));
    Files.createSymbolicLink(old.resolve("java"), Path.of("/bin/false"));
    Files.writeString(directory.resolve("jdk-17/release"), "JAVA_VERSION=\"17.0.15\"\n");
    Path current = Path.of(System.getProperty("java.home"));
    Files.createDirectories(directory.resolve("home/.jdks"));
    Files.createSymbolicLink(directory.resolve("home/.jdks/current"), current);
    ProcessBuilder builder = new ProcessBuilder(InstalledAgent.launcher(), "version");
    builder.environment().put("JAVA_HOME", directory.resolve("jdk-17").toString());
    builder.environment().put("HOME", directory.resolve("home").toString());

    assertThat(Shell.execute("", builder).expectSuccess()).startsWith("wg-agent ");
  }

  @Test
  void aDeviceThatCannotStartSaysWhyAndFailsInTheBackgroundToo() {
    Shell.Result result = Shell.execute("", InstalledAgent.launcher(), "device", "not/a/name");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("not/a/name");
    assertThat(result.out()).isEmpty();
  }
}
