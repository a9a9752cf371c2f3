package cloud.runbeam.wgagent.app.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

@Timeout(60)
class AuditLogTest {
  private static final int KEPT = 3;

  @TempDir private Path directory;

  @Test
  void writesWhoDidWhatWithWhatResult() throws IOException {
    try (AuditLog log = log(1 << 20)) {
      log.record(
          new AuditEntry(
              "alice",
              OptionalLong.of(1_000),
              OptionalLong.of(100),
              OptionalLong.of(4_711),
              Optional.of("/usr/bin/aurabox"),
              "reload",
              Optional.of("home"),
              "done",
              new ObjectNode(JsonMapper.shared().getNodeFactory()).put("mtu", true)));
    }

    assertThat(JsonMapper.shared().readTree(lines().getFirst()).toString())
        .startsWith(
            "{\"seq\":1,\"at\":\"2026-01-02T03:04:05Z\",\"user\":\"alice\",\"uid\":1000,\"gid\":100,"
                + "\"pid\":4711,\"executable\":\"/usr/bin/aurabox\",\"method\":\"reload\","
                + "\"network\":\"home\",\"result\":\"done\",\"change\":{\"mtu\":true},\"prev\":\"0000");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(verdict().fault()).isEmpty();
    assertThat(verdict().entries()).isEqualTo(1);
  }

  @Test
  void goesOnWithTheChainAfterARestart() throws IOException {
    write(3);
    write(2);

    assertThat(verdict()).isEqualTo(new AuditVerifier.Verdict(5, Optional.empty(), List.of()));
  }

  @Test
  void findsAChangedLine() throws IOException {
    write(5);
    rewrite(lines -> lines.set(2, lines.get(2).replace("network3", "network9")));

    assertThat(verdict().fault())
        .hasValueSatisfying(fault -> assertThat(fault).contains(":3: changed"));
  }

  @Test
  void findsALineTakenOut() throws IOException {
    write(5);
    rewrite(lines -> lines.remove(2));

    assertThat(verdict().fault())
        .hasValueSatisfying(
            fault -> assertThat(fault).contains(":3: does not follow entry 2; 1 are missing"));
  }

  @Test
  void findsALinePutInWithARightHashOfItsOwn() throws IOException {
    write(5);
    rewrite(lines -> {
      String body =
          "{\"seq\":4,\"at\":\"x\",\"user\":\"mallory\",\"prev\":\"" + "1".repeat(64) + "\"}";
      lines.set(3, AuditChain.seal(4, "1".repeat(64), body).line());
    });

    assertThat(verdict().fault())
        .hasValueSatisfying(fault -> assertThat(fault).contains(":4: does not follow entry 3"));
  }

  @Test
  void findsAnEndCutOff() throws IOException {
    write(5);
    rewrite(lines -> lines.subList(3, 5).clear());

    assertThat(verdict().fault()).hasValue("the end is cut off: 2 entries after 3 are missing");
  }

  @Test
  void findsABeginningCutOff() throws IOException {
    write(5);
    rewrite(lines -> lines.subList(0, 2).clear());

    assertThat(verdict().fault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("entries 1 to 2 are missing"));
  }

  @Test
  void keepsTheChainOverFilesPutAsideAndDeleted() throws IOException {
    try (AuditLog log = log(1_500)) {
      for (int i = 0; i < 60; i++) {
        log.record(entry(i));
      }
    }

    assertThat(AuditFile.numbered(directory, KEPT)).exists();
    assertThat(AuditFile.numbered(directory, KEPT + 1)).doesNotExist();
    assertThat(verdict().fault()).isEmpty();
    assertThat(verdict().remarks()).singleElement().asString().contains("begins with entry");
    Files.delete(AuditFile.numbered(directory, 2));
    assertThat(verdict().fault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("are missing"));
  }

  @Test
  void goesOnAfterALineThatACrashLeftUnfinished() throws IOException {
    write(2);
    Files.writeString(file(), "{\"seq\":3,\"at\":\"20", StandardOpenOption.APPEND);
    write(2);

    assertThat(verdict().fault()).isEmpty();
    assertThat(verdict().entries()).isEqualTo(5);
    assertThat(verdict().remarks()).singleElement().asString().contains(":3: unfinished");
    rewrite(lines -> lines.set(2, lines.get(2) + "26"));
    assertThat(verdict().fault()).isPresent();
  }

  @Test
  void saysThatItCannotBeWrittenAndRecovers() throws IOException {
    Files.createDirectory(file());
    try (AuditLog log = log(1 << 20)) {
      log.record(entry(1));
      assertThat(log.problem())
          .hasValueSatisfying(problem ->
              assertThat(problem).contains(directory.toString()).contains("agent.state_dir"));

      Files.delete(file());
      log.record(entry(2));
      assertThat(log.problem()).isEmpty();
    }
    assertThat(verdict().entries()).isEqualTo(1);
  }

  @Test
  void refusesALinkInItsPlace() throws IOException {
    Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "precious");
    Files.createSymbolicLink(file(), elsewhere);
    try (AuditLog log = log(1 << 20)) {
      log.record(entry(1));

      assertThat(log.problem()).isPresent();
    }
    assertThat(elsewhere).hasContent("precious");
  }

  @Test
  void refusesTheLogOfAnotherAgent() throws IOException {
    try (AuditLog first = log(1 << 20);
        AuditLog second = log(1 << 20)) {
      first.record(entry(1));
      second.record(entry(2));

      assertThat(second.problem())
          .hasValueSatisfying(problem -> assertThat(problem).contains("another agent writes"));
      assertThat(first.problem()).isEmpty();
    }
  }

  @Test
  void keepsTheChainUnderManyWriters() throws Exception {
    try (AuditLog log = log(20_000)) {
      List<Thread> writers = new ArrayList<>();
      for (int writer = 0; writer < 16; writer++) {
        writers.add(
            Thread.startVirtualThread(() -> {
              for (int i = 0; i < 20; i++) {
                log.record(entry(i));
              }
            }));
      }
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(log.problem()).isEmpty();
    }
    assertThat(verdict().fault()).isEmpty();
  }

  @Test
  void cutsWhatIsTooLongAndKeepsALineALine() throws IOException {
    try (AuditLog log = log(1 << 20)) {
      log.record(
          new AuditEntry(
              "x".repeat(1_000),
              OptionalLong.empty(),
              OptionalLong.empty(),
              OptionalLong.empty(),
              Optional.empty(),
              "connect",
              Optional.of("a\nb\u2028\"}".repeat(1_000)),
              "config_error",
              new ObjectNode(JsonMapper.shared().getNodeFactory())
                  .put("much", "y".repeat(100_000))));
    }
    assertThat(lines()).hasSize(1);
    assertThat(lines().getFirst()).hasSizeLessThan(4_000).contains("\"cut\":true");
    assertThat(verdict().fault()).isEmpty();
  }

  private AuditLog log(long maxBytes) {
    return new AuditLog(directory, () -> Instant.parse("2026-01-02T03:04:05Z"), maxBytes, KEPT);
  }

  private void write(int entries) {
    try (AuditLog log = log(1 << 20)) {
      for (int i = 1; i <= entries; i++) {
        log.record(entry(i));
      }
    }
  }

  private static AuditEntry entry(int number) {
    return new AuditEntry(
        "root",
        OptionalLong.of(0),
        OptionalLong.of(0),
        OptionalLong.empty(),
        Optional.empty(),
        "connect",
        Optional.of("network" + number),
        "done",
        NullNode.instance);
  }

  private AuditVerifier.Verdict verdict() throws IOException {
    return AuditVerifier.verify(directory, KEPT);
  }

  private Path file() {
    return directory.resolve("audit.log");
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(file());
  }

  private void rewrite(Consumer<List<String>> change) throws IOException {
    List<String> lines = new ArrayList<>(lines());
    change.accept(lines);
    Files.write(file(), lines, StandardCharsets.UTF_8);
  }
}
