package cloud.runbeam.wgagent.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyReaderTest {
  private static final String LABEL = "test key of a file";

  @TempDir private Path directory;

  private final KeyArena arena = KeyFixtures.arena();

  @AfterEach
  void leavesNoKeyBehind() {
    assertThat(arena.keysInUse()).isZero();
    arena.close();
  }

  @Test
  void readsBase64WithBlanksAround() throws Exception {
    Path file = write("  " + KeyFixtures.base64(LABEL) + "\r\n\n");

    assertThat(read(file)).isEqualTo(KeyFixtures.bytes(LABEL));
  }

  @Test
  void readsThirtyTwoRawBytes() throws Exception {
    Path file = directory.resolve("raw.key");
    Files.write(file, KeyFixtures.bytes(LABEL));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));

    assertThat(read(file)).isEqualTo(KeyFixtures.bytes(LABEL));
  }

  @Test
  void followsLinksToTheFileThatCounts() throws Exception {
    Path link = directory.resolve("link.key");
    Files.createSymbolicLink(link, write(KeyFixtures.base64(LABEL)));

    assertThat(read(link)).isEqualTo(KeyFixtures.bytes(LABEL));
  }

  @ParameterizedTest
  @EnumSource(
      value = PosixFilePermission.class,
      names = {"GROUP_READ", "GROUP_WRITE", "OTHERS_READ", "OTHERS_WRITE"})
  void refusesEachBitThatLetsOthersIn(PosixFilePermission bit) throws Exception {
    Path file = write(KeyFixtures.base64(LABEL));
    Set<PosixFilePermission> permissions =
        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, bit);
    Files.setPosixFilePermissions(file, permissions);

    assertReason(file, ProblemReason.KEY_EXPOSED);
  }

  @Test
  void refusesAFileOfSomebodyElse() throws Exception {
    assumeThat(new UnixSystem().getUid()).as("only root may give files away").isZero();
    Path file = write(KeyFixtures.base64(LABEL));
    Files.setAttribute(file, "unix:uid", 65_534);

    assertReason(file, ProblemReason.KEY_EXPOSED);
  }

  @Test
  void refusesAPipeWithoutWaitingForIt() throws Exception {
    Path pipe = directory.resolve("pipe.key");
    int exit = new ProcessBuilder("mkfifo", "-m", "600", pipe.toString()).start().waitFor();
    assertThat(exit).isZero();

    assertReason(pipe, ProblemReason.KEY_UNREADABLE);
  }

  @Test
  void refusesTruncatedText() throws Exception {
    assertReason(write(KeyFixtures.base64(LABEL).substring(1)), ProblemReason.KEY_MALFORMED);
  }

  @Test
  void refusesAnEmptyFile() throws Exception {
    assertReason(write(""), ProblemReason.KEY_MALFORMED);
  }

  @Test
  void readsACredentialWhoseDirectoryIsPrivate() throws Exception {
    Path file = write(KeyFixtures.base64(LABEL));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
    KeyReader reader = new KeyReader(Map.of("CREDENTIALS_DIRECTORY", directory.toString()));

    try (SecretKey key =
        reader.read(
            new KeySource.Credential("some.key", "private_key_credential", Position.WHOLE_FILE),
            arena)) {
      assertThat(key.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(KeyFixtures.bytes(LABEL));
    }
  }

  @Test
  void makesAMissingFileOnceAndReadableForItsOwnerOnly() throws Exception {
    KeySource.File source = source(directory.resolve("new.key"), true);
    KeyReader reader = new KeyReader(Map.of());

    assertThat(reader.wouldGenerate(source)).isTrue();
    assertThat(reader.generateIfMissing(source, arena, fixedEntropy())).isTrue();
    byte[] made = read(source.path());
    assertThat(reader.generateIfMissing(source, arena, fixedEntropy())).isFalse();

    assertThat(read(source.path())).isEqualTo(made);
    assertThat(Files.getPosixFilePermissions(source.path()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    // Clamped as RFC 7748 section 5 asks, so that every tool shows the same key.
    assertThat(made[0] & 7).isZero();
    assertThat(made[31] & 0xC0).isEqualTo(0x40);
  }

  @Test
  void saysWhereAKeyCannotBeMade() {
    KeySource.File source = source(directory.resolve("no/such/new.key"), true);

    assertThatThrownBy(
            () -> new KeyReader(Map.of()).generateIfMissing(source, arena, fixedEntropy()))
        .isInstanceOf(UnusableKeyException.class)
        .hasMessageContaining("cannot be made")
        .hasMessageContaining("create its directory");
  }

  private void assertReason(Path file, ProblemReason reason) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOfSatisfying(
            UnusableKeyException.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
  }

  private byte[] read(Path file) throws UnusableKeyException {
    try (SecretKey key = new KeyReader(Map.of()).read(source(file, false), arena)) {
      return key.bytes().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private Path write(String content) throws IOException {
    return KeyFixtures.write(directory.resolve("some.key"), content, "rw-------");
  }

  private static KeySource.File source(Path file, boolean generate) {
    return new KeySource.File(file, generate, "private_key_path", Position.WHOLE_FILE);
  }

  private static EntropySource fixedEntropy() {
    return new EntropySource() {
      @Override
      public void fill(MemorySegment target) {
        MemorySegment.copy(
            KeyFixtures.bytes("test entropy"), 0, target, ValueLayout.JAVA_BYTE, 0, 32);
      }

      @Override
      public int nextInt() {
        return 4;
      }
    };
  }
}
