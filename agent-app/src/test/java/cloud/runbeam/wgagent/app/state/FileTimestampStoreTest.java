package cloud.runbeam.wgagent.app.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileTimestampStoreTest {
  private static final Instant TIME = Instant.parse("2031-05-06T07:08:09.5Z");

  @TempDir private Path directory;

  @Test
  void remembersAcrossObjectsAndMakesItsDirectoryPrivate() throws IOException {
    Path state = directory.resolve("a/b");

    new FileTimestampStore(state).reserve(TIME);
    new FileTimestampStore(state).reserve(TIME.plusSeconds(1));

    assertThat(new FileTimestampStore(state).reserved()).contains(TIME.plusSeconds(1));
    assertThat(Files.getPosixFilePermissions(state)).hasSize(3);
    assertThat(state.toFile().list()).hasSize(1);
  }

  @Test
  void knowsNothingWithoutAFile() {
    assertThat(new FileTimestampStore(directory).reserved()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbage", "2031-05-06T07:0", "\u0000\u0000"})
  void takesATornFileForNone(String content) throws IOException {
    Files.writeString(directory.resolve("handshake-timestamp"), content);

    assertThat(new FileTimestampStore(directory).reserved()).isEmpty();
  }

  @Test
  void takesAnEndlessFileForNone() throws IOException {
    Files.writeString(directory.resolve("handshake-timestamp"), "2031".repeat(1_000_000));

    assertThat(new FileTimestampStore(directory).reserved()).isEmpty();
  }

  @Test
  void saysWhatToDoWhenItCannotWrite() throws IOException {
    Path notADirectory = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> new FileTimestampStore(notADirectory).reserve(TIME))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(notADirectory.toString())
        .hasMessageContaining("agent.state_dir");
  }
}
