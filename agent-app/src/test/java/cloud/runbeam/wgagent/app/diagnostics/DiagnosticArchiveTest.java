package cloud.runbeam.wgagent.app.diagnostics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiagnosticArchiveTest {
  private static final Instant NOW = Instant.parse("2026-11-23T09:00:00Z");

  private final KeyArena keys = TestKeys.arena();
  @TempDir private Path directory;

  @AfterEach
  void closeArena() {
    keys.close();
  }

  private static Map<String, String> files(DiagnosticArchive archive) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive.bytes()))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        files.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
      }
    }
    return files;
  }

  @Test
  void packsEverySectionInOrderAndLeavesEmptyOnesOut() throws Exception {
    DiagnosticArchive archive =
        DiagnosticArchive.collect(
            List.of(
                Section.text("status.json", () -> "{}"),
                Section.text("flight.jfr", () -> ""),
                Section.text("log.txt", () -> "a line\n")),
            keys,
            NOW);

    assertThat(files(archive))
        .containsExactly(Map.entry("status.json", "{}"), Map.entry("log.txt", "a line\n"));
    assertThat(archive.name()).isEqualTo("wg-agent-diag-20261123-090000.zip");
    assertThat(archive.entries())
        .containsExactly(
            new DiagnosticArchive.Entry("status.json", 2),
            new DiagnosticArchive.Entry("log.txt", 7));
  }

  @Test
  void saysWhatCouldNotBeCollectedAndCollectsTheRest() throws Exception {
    DiagnosticArchive archive =
        DiagnosticArchive.collect(
            List.of(
                new Section(
                    "routes.txt",
                    () -> {
                      throw new IOException("ip: not found");
                    }),
                Section.text("log.txt", () -> "a line\n")),
            keys,
            NOW);

    assertThat(files(archive).get("routes.txt"))
        .contains("could not be collected", "ip: not found");
    assertThat(files(archive)).containsKey("log.txt");
  }

  @Test
  void refusesAKeyInAnySectionInAnyForm() {
    TestKeys.secret(keys, "private");
    byte[] key = TestKeys.bytes("private");
    List<byte[]> forms =
        List.of(
            key,
            ("private_key=" + HexFormat.of().formatHex(key)).getBytes(UTF_8),
            ("PrivateKey = " + Base64.getEncoder().encodeToString(key) + "\n").getBytes(UTF_8));
    for (byte[] form : forms) {
      List<Section> sections =
          List.of(Section.text("status.json", () -> "{}"), new Section("threads.txt", () -> form));
      assertThatThrownBy(() -> DiagnosticArchive.collect(sections, keys, NOW))
          .isInstanceOf(SecretFoundException.class)
          .hasMessageContaining("threads.txt")
          .hasMessageNotContaining(Base64.getEncoder().encodeToString(key).substring(0, 43));
    }
  }

  @Test
  void keepsTheNewestFiveForTheOwnerAlone() throws Exception {
    ArchiveDirectory archives = new ArchiveDirectory(directory.resolve("state/diag"));
    for (int i = 0; i < 7; i++) {
      DiagnosticArchive archive =
          DiagnosticArchive.collect(
              List.of(Section.text("log.txt", () -> "x")), keys, NOW.plusSeconds(i));
      Path file = archives.write(archive);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThat(file).hasBinaryContent(archive.bytes());
    }
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("state/diag"))))
        .isEqualTo("rwx------");
    assertThat(names()).hasSize(5).first().isEqualTo("wg-agent-diag-20261123-090002.zip");
  }

  @Test
  void writesOverNothingThatIsThere() throws Exception {
    ArchiveDirectory archives = new ArchiveDirectory(directory);
    Path precious = Files.writeString(directory.resolve("precious"), "keep");
    Files.createSymbolicLink(directory.resolve("wg-agent-diag-20261123-090000.zip"), precious);
    DiagnosticArchive archive =
        DiagnosticArchive.collect(List.of(Section.text("log.txt", () -> "x")), keys, NOW);

    assertThat(Files.isSymbolicLink(archives.write(archive))).isFalse();
    assertThat(precious).hasContent("keep");
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(directory.resolve("state/diag"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void hostCommandsSayWhatIsMissingAndEndThoseThatHang() {
    String text =
        new HostCommands(
                List.of(
                    List.of("echo", "hello from the host"),
                    List.of("no-such-tool-here"),
                    List.of("sleep", "600")))
            .text();
    assertThat(text)
        .contains("$ echo hello from the host\nhello from the host\n")
        .contains("$ no-such-tool-here\n(Cannot run program")
        .contains("$ sleep 600\n");
  }
}
