package cloud.runbeam.wgagent.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.app.audit.AuditEntry;
import cloud.runbeam.wgagent.app.audit.AuditLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.NullNode;

class AuditVerbTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path directory;

  @Test
  void findsTheLogByTheConfigurationAndSaysThatItIsWhole() throws Exception {
    write(3);
    Path config = directory.resolve("config.toml");
    Files.writeString(config, "[agent]\nstate_dir = \"" + directory + "\"\n");

    assertThat(run(Map.of("WG_AGENT_CONFIG", config.toString()), "verify")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("audit.log: whole, 3 entries\n");
  }

  @Test
  void failsForALogThatIsNotWhole() throws Exception {
    write(3);
    Path log = directory.resolve("audit.log");
    Files.write(log, Files.readAllLines(log).subList(0, 2));

    assertThat(run(Map.of(), "verify", "--state-dir", directory.toString()))
        .isEqualTo(Verbs.FAILED);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("audit log is not whole: the end is cut off: 1 entries after 2 are missing");
  }

  @Test
  void knowsNothingElseToDo() {
    assertThatThrownBy(() -> run(Map.of(), "rewrite")).isInstanceOf(UsageException.class);
  }

  private int run(Map<String, String> variables, String... words)
      throws UsageException, IOException {
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    AuditVerb verb = new AuditVerb(terminal, variables);
    return verb.run(Arguments.parse(verb.syntax(), List.of(words)));
  }

  private void write(int entries) {
    try (AuditLog log = new AuditLog(directory, () -> Instant.EPOCH, 1 << 20, 9)) {
      for (int i = 0; i < entries; i++) {
        log.record(
            new AuditEntry(
                "root",
                OptionalLong.of(0),
                OptionalLong.of(0),
                OptionalLong.empty(),
                Optional.empty(),
                "connect",
                Optional.of("home"),
                "done",
                NullNode.instance));
      }
    }
  }
}
