package cloud.runbeam.wgagent.app.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files for systemd, as systemd itself judges them. Needs Debian's package systemd, not a
 * running one.
 */
class SystemdUnitIT {
  private static final Path FILES = Path.of(System.getProperty("wgagent.repository"), "systemd");
  private static final double MOST_EXPOSED = 2.0;

  @TempDir private Path directory;

  @Test
  void verifiesWithoutAWord() throws Exception {
    assertThat(run("systemd-analyze", "verify", "--man=no", unit().toString())).isEmpty();
  }

  @Test
  void isExposedNoMoreThanItMustBe() throws Exception {
    String report =
        run("systemd-analyze", "security", "--no-pager", "--offline=true", unit().toString());

    Matcher level = Pattern.compile("Overall exposure level for \\S+: ([0-9.]+) ").matcher(report);
    assertThat(level.find()).as(report).isTrue();
    assertThat(Double.parseDouble(level.group(1))).as(report).isLessThanOrEqualTo(MOST_EXPOSED);
  }

  @Test
  void makesTheAccountAndThePlaces() throws Exception {
    String root = "--root=" + directory;
    Files.createDirectory(directory.resolve("etc"));
    run("systemd-sysusers", root, FILES.resolve("wg-agent.sysusers.conf").toString());
    run("systemd-tmpfiles", root, "--create", FILES.resolve("wg-agent.tmpfiles.conf").toString());

    assertThat(Files.readString(directory.resolve("etc/passwd")))
        .containsPattern("(?m)^wg-agent:.*:/var/lib/wg-agent:/usr/sbin/nologin$");
    assertThat(Files.readString(directory.resolve("etc/group"))).contains("wg-agent:");
    assertThat(directory.resolve("run/wg-agent")).isDirectory();
    assertThat(Files.getPosixFilePermissions(directory.resolve("var/lib/wg-agent"))).hasSize(3);
  }

  /** With programs that exist on this machine in place of the installed ones. */
  private Path unit() throws IOException {
    Path copy = directory.resolve("wg-agent.service");
    try (Stream<String> lines = Files.lines(FILES.resolve("wg-agent.service"))) {
      Files.write(
          copy,
          lines.map(line -> line.replace("/usr/lib/wg-agent/wg-agent", "/bin/true")).toList());
    }
    return copy;
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
