package cloud.runbeam.wgagent.platform.linux.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.tool.SystemTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plain file, in a directory that stands for the machine. */
class ResolvConfFileTest {
  private static final String OLD =
      "# by hand\nnameserver 192.0.2.1\nsearch home.example\noptions edns0 timeout:1\n";
  private static final DnsRequest EVERYTHING =
      new DnsRequest("wg0", List.of("10.9.0.53", "fd42::53"), List.of());
  private static final DnsRequest SPLIT =
      new DnsRequest("wg1", List.of("10.8.0.53"), List.of("corp.example"));

  @TempDir Path root;
  private Path file;

  @BeforeEach
  void makeMachine() throws IOException {
    file = Files.createDirectories(root.resolve("etc")).resolve("resolv.conf");
    Files.writeString(file, OLD);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
  }

  /** As after every restart. */
  private LinuxDns dns() {
    return new LinuxDns(new DnsFiles(root), new SystemTools(List.of(), Duration.ofSeconds(1)));
  }

  private String apply(DnsRequest request) throws PlatformException {
    String undo = dns().prepare(request);
    dns().apply(request, undo);
    return undo;
  }

  private List<String> servers() throws IOException {
    return DnsFiles.servers(Files.readString(file));
  }

  private void assertAsBefore() throws IOException {
    assertThat(file).hasContent(OLD);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-rw-r--");
    try (Stream<Path> entries = Files.list(root.resolve("etc"))) {
      assertThat(entries).containsExactly(file);
    }
  }

  @Test
  void saysWhyNothingBetterIsUsed() {
    assertThat(dns().backend().name()).isEqualTo("file");
    assertThat(dns().backend().passedOver())
        .containsExactly(
            "resolved: systemd-resolved does not run here",
            "networkmanager: NetworkManager does not write /etc/resolv.conf",
            "resolvconf: resolvconf is not installed");
  }

  @Test
  void replacesTheFileAndPutsItBackAfterARestart() throws Exception {
    String undo = apply(EVERYTHING);
    assertThat(undo).doesNotContain("\n").hasSizeLessThan(200);
    assertThat(servers()).containsExactly("10.9.0.53", "fd42::53");
    assertThat(file).content().contains("options edns0 timeout:1").doesNotContain("home.example\n");
    assertThat(dns().revert(undo)).isEqualTo(DnsUndo.REVERTED);
    assertAsBefore();
    assertThat(dns().revert(undo)).isEqualTo(DnsUndo.NOTHING_LEFT);
    assertAsBefore();
  }

  @Test
  void revertsNothingWhenTheAgentDiedBeforeItApplied() throws Exception {
    String undo = dns().prepare(EVERYTHING);
    assertAsBefore();
    assertThat(dns().revert(undo)).isEqualTo(DnsUndo.NOTHING_LEFT);
    assertAsBefore();
  }

  @Test
  void keepsTheOldServersBehindItsOwnForOtherDomains() throws Exception {
    String undo = dns().prepare(SPLIT);
    assertThat(dns().apply(SPLIT, undo))
        .singleElement()
        .asString()
        .contains("split DNS is not possible");
    assertThat(servers()).containsExactly("10.8.0.53", "192.0.2.1");
    assertThat(file).content().contains("search corp.example home.example\n");
  }

  @Test
  void networksComeAndGoInAnyOrder() throws Exception {
    String first = apply(EVERYTHING);
    String second = apply(SPLIT);
    assertThat(servers()).containsExactly("10.8.0.53", "10.9.0.53", "fd42::53");
    assertThat(dns().revert(first)).isEqualTo(DnsUndo.REVERTED);
    assertThat(servers()).containsExactly("10.8.0.53", "192.0.2.1");
    assertThat(dns().revert(second)).isEqualTo(DnsUndo.REVERTED);
    assertAsBefore();
  }

  @Test
  void aNewRequestReplacesTheOneBefore() throws Exception {
    String undo = apply(EVERYTHING);
    DnsRequest next = new DnsRequest("wg0", List.of("10.9.0.54"), List.of());
    dns().apply(next, undo);
    assertThat(servers()).containsExactly("10.9.0.54");
    assertThat(dns().revert(undo)).isEqualTo(DnsUndo.REVERTED);
    assertAsBefore();
  }

  @Test
  void leavesAnEditedFileToWhoEditedIt() throws Exception {
    String undo = apply(EVERYTHING);
    String edited = Files.readString(file) + "nameserver 198.51.100.1\n";
    Files.writeString(file, edited);
    assertThat(dns().revert(undo)).isEqualTo(DnsUndo.NOT_OURS);
    assertThat(file).hasContent(edited);
  }

  @Test
  void leavesAFileAloneThatSomebodyElseHasWrittenSince() throws Exception {
    String undo = apply(EVERYTHING);
    Files.writeString(file, "# dhclient\nnameserver 198.51.100.1\n");
    assertThat(dns().revert(undo)).isEqualTo(DnsUndo.NOT_OURS);
    assertThat(servers()).containsExactly("198.51.100.1");
    String again = apply(EVERYTHING);
    assertThat(dns().revert(again)).isEqualTo(DnsUndo.REVERTED);
    assertThat(servers()).containsExactly("198.51.100.1");
  }

  @Test
  void putsALinkBackAndLeavesItsTargetAlone() throws Exception {
    Path target = root.resolve("etc/real.conf");
    Files.writeString(target, OLD);
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("real.conf"));
    String undo = apply(EVERYTHING);
    assertThat(servers()).containsExactly("10.9.0.53", "fd42::53");
    assertThat(target).hasContent(OLD);
    assertThat(dns().revert(undo)).isEqualTo(DnsUndo.REVERTED);
    assertThat(Files.readSymbolicLink(file)).isEqualTo(Path.of("real.conf"));
    assertThat(target).hasContent(OLD);
  }

  @Test
  void removesAFileThatWasNotThere() throws Exception {
    Files.delete(file);
    String undo = apply(EVERYTHING);
    assertThat(servers()).isNotEmpty();
    assertThat(dns().revert(undo)).isEqualTo(DnsUndo.REVERTED);
    assertThat(Files.exists(file, LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  @Test
  void saysThatTheLibraryAsksThreeServersOnly() throws Exception {
    List<String> four = List.of("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
    DnsRequest request = new DnsRequest("wg0", four, List.of());
    assertThat(dns().apply(request, dns().prepare(request)))
        .singleElement()
        .asString()
        .contains("only the first 3 of the 4");
  }

  @Test
  void refusesWhatIsNoResolvConf() throws IOException {
    Files.write(file, new byte[17 * 1024]);
    assertThatThrownBy(() -> dns().prepare(EVERYTHING))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("more than 16384 bytes");
    Files.delete(file);
    Files.createDirectory(file);
    assertThatThrownBy(() -> dns().prepare(EVERYTHING))
        .hasMessageContaining("/etc/resolv.conf is no regular file");
  }

  @Test
  void refusesUndoTextsThatItNeverWrote() {
    for (String text :
        List.of(
            "",
            "file",
            "elsewhere interface=wg0",
            "resolvconf interface=-rf record=-rf",
            "file interface=../x",
            "file interface=wg0 \n")) {
      assertThatThrownBy(() -> dns().revert(text))
          .as(text)
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("what the journal holds about name servers");
    }
  }

  @Test
  void survivesAnyFileAndAnyUndoText() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String undo = apply(EVERYTHING);
    byte[] ours = Files.readAllBytes(file);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = ours.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
      byte[] put = Files.readAllBytes(file);
      if (!Arrays.equals(put, ours)) {
        assertThat(dns().revert(undo))
            .as("seed %s round %s", seed, round)
            .isEqualTo(DnsUndo.NOT_OURS);
        assertThat(Files.readAllBytes(file)).isEqualTo(put);
      }
      List<Character> characters = new ArrayList<>();
      undo.chars().forEach(character -> characters.add((char) character));
      characters.set(random.nextInt(characters.size()), (char) random.nextInt(128));
      StringBuilder torn = new StringBuilder();
      characters.forEach(torn::append);
      try {
        dns().revert(torn.toString());
      } catch (PlatformException refused) {
        assertThat(refused).as("seed %s", seed).hasMessageContaining("journal");
      }
    }
  }
}
