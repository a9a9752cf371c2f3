package cloud.runbeam.wgagent.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.app.host.AgentLock;
import cloud.runbeam.wgagent.app.host.ChangeJournal;
import cloud.runbeam.wgagent.app.host.FileJournalStore;
import cloud.runbeam.wgagent.app.tunnel.FakePlatform;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanupVerbTest {
  @TempDir private Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final CleanupVerb verb =
      new CleanupVerb(
          new Terminal(
              InputStream.nullInputStream(),
              new PrintStream(out, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8)),
          Map.of(),
          FakePlatform::new);

  private int run(String... words) throws UsageException, PlatformException {
    return verb.run(Arguments.parse(verb.syntax(), List.of(words)));
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private Path stateDir() {
    return directory.resolve("state");
  }

  @Test
  void findsNothingWhereNothingWasLeft() throws Exception {
    assertThat(run("--dry-run", "--state-dir", stateDir().toString())).isZero();
    assertThat(stateDir()).as("a dry run makes nothing").doesNotExist();
    assertThat(run("--state-dir", stateDir().toString())).isZero();
    assertThat(printed().lines()).containsOnly("nothing is left over");
  }

  @Test
  void takesTheStateDirectoryFromTheConfiguration() throws Exception {
    Path file = directory.resolve("config.toml");
    Files.writeString(file, "[agent]\nstate_dir = \"" + stateDir() + "\"\n");
    leave("link wg9#3", "from a later version");

    assertThat(run("--config", file.toString())).isEqualTo(1);

    assertThat(printed())
        .contains("FAILED: from a later version (network default): this version of wg-agent")
        .doesNotContain("wg9");
  }

  @Test
  void refusesWhileAnAgentRuns() throws Exception {
    leave("from a later version");
    try (AgentLock _ = AgentLock.acquire(stateDir())) {
      assertThatThrownBy(() -> run("--state-dir", stateDir().toString()))
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("an agent is running");
    }
  }

  @Test
  void asksForTheDirectoryWhereTheConfigurationIsBroken() throws Exception {
    Path file = Files.writeString(directory.resolve("config.toml"), "[agent\n");

    assertThat(run("--config", file.toString())).isEqualTo(1);

    assertThat(err.toString(StandardCharsets.UTF_8)).contains("config.toml:1", "--state-dir");
  }

  @Test
  void takesOneOfTheTwoOptions() {
    assertThatThrownBy(() -> run("--config", "a", "--state-dir", "b"))
        .isInstanceOf(UsageException.class);
  }

  private void leave(String... entries) throws IOException {
    try (ChangeJournal journal = new FileJournalStore(stateDir(), "").open("default")) {
      assertThat(journal.intend(List.of(entries))).hasSize(entries.length);
    }
  }
}
