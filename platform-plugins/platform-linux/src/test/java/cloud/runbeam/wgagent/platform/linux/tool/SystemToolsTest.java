package cloud.runbeam.wgagent.platform.linux.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemToolsTest {
  @TempDir Path directory;

  private SystemTools tool(String script, Duration patience) throws IOException {
    Path tool = directory.resolve("tool");
    Files.writeString(tool, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new SystemTools(List.of(directory), patience);
  }

  @Test
  void passesInputAndArgumentsAsTheyAre() throws IOException {
    SystemTools tools = tool("cat; printf '<%s>' \"$@\"; env | wc -l", Duration.ofSeconds(10));
    assertThat(tools.run("in\n", "tool", List.of("a b", "$(id)", ";", "'")))
        .startsWith("in\n<a b><$(id)><;><'>");
  }

  @Test
  void saysWhatFailedAndWhy() throws IOException {
    SystemTools tools = tool("printf 'no\\tway\\033[31m' >&2; exit 3", Duration.ofSeconds(10));
    assertThatThrownBy(() -> tools.run("", "tool", List.of("x")))
        .hasMessage("tool x ended with 3: no way [31m");
    assertThatThrownBy(() -> tools.run("", "another", List.of()))
        .hasMessage("another is not installed");
  }

  @Test
  void endsAProgramThatHangs() throws IOException {
    SystemTools tools = tool("exec sleep 60", Duration.ofMillis(200));
    assertThatThrownBy(() -> tools.run("", "tool", List.of())).hasMessageContaining("did not end");
  }

  @Test
  void isNotHeldUpByAGrandchildOrByEndlessOutput() throws IOException {
    SystemTools lingering = tool("sleep 60 & echo done", Duration.ofSeconds(10));
    assertThat(lingering.run("", "tool", List.of())).isIn("", "done\n");
    SystemTools loud = tool("head -c 3000000 /dev/zero", Duration.ofSeconds(10));
    assertThat(loud.run("", "tool", List.of())).hasSize(16 * 1024);
  }
}
