package cloud.runbeam.wgagent.app.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleHistoryTest {
  @TempDir private Path directory;

  @Test
  void isKeptInTheStateDirectoryOfTheUser() {
    assertThat(ConsoleHistory.file(Map.of("XDG_STATE_HOME", "/s", "HOME", "/h")))
        .hasValue(Path.of("/s/wg-agent/console-history"));
    assertThat(ConsoleHistory.file(Map.of("HOME", "/h")))
        .hasValue(Path.of("/h/.local/state/wg-agent/console-history"));
    assertThat(ConsoleHistory.file(Map.of("XDG_STATE_HOME", "relative", "HOME", "/h")))
        .as("the specification: relative paths are ignored")
        .hasValue(Path.of("/h/.local/state/wg-agent/console-history"));
    assertThat(ConsoleHistory.file(Map.of())).isEmpty();
  }

  @Test
  void isReadableByTheUserAloneEvenIfItWasNot() throws IOException {
    Path file = directory.resolve("state/wg-agent/console-history");
    assertThat(ConsoleHistory.prepare(file)).hasValue(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(ConsoleHistory.prepare(file)).hasValue(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    Path blocked = Files.writeString(directory.resolve("file"), "no directory");
    assertThat(ConsoleHistory.prepare(blocked.resolve("wg-agent/console-history"))).isEmpty();
  }

  @Test
  void remembersLinesButNoneThatMayHoldAKey() throws IOException {
    byte[] key = new byte[32];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (i * 7 + 1);
    }
    String base64 = Base64.getEncoder().encodeToString(key);
    Path file = ConsoleHistory.prepare(directory.resolve("wg/history")).orElseThrow();
    ConsoleHistory history = new ConsoleHistory();
    history.attach(
        LineReaderBuilder.builder()
            .terminal(
                new DumbTerminal(
                    new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream()))
            .history(history)
            .variable(LineReader.HISTORY_FILE, file)
            .build());
    history.add("status office");
    history.add("connect " + base64);
    history.add("connect " + HexFormat.of().formatHex(key));
    history.add("show laptop");
    history.save();

    assertThat(Files.readString(file))
        .contains("status office", "show laptop")
        .doesNotContain(base64, HexFormat.of().formatHex(key));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
