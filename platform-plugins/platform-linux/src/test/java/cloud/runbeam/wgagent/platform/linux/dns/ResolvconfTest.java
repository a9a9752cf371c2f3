package cloud.runbeam.wgagent.platform.linux.dns;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's openresolv, in a mount namespace of its own. */
@Tag("root")
class ResolvconfTest {
  private static final DnsRequest EVERYTHING =
      new DnsRequest("wg0", List.of("10.9.0.53", "fd42::53"), List.of());
  private static final DnsRequest SPLIT =
      new DnsRequest("wg0", List.of("10.9.0.53"), List.of("corp.example", "lab.example"));

  @TempDir Path directory;
  private DnsMachine machine;

  @BeforeEach
  void start() throws IOException {
    DnsMachine.unpacked("openresolv");
    machine =
        new DnsMachine(
            directory,
            """
            cp $P/openresolv/etc/resolvconf.conf /etc/
            sed "s,^LIBEXECDIR=.*,LIBEXECDIR=$P/openresolv/lib/resolvconf," \\
              $P/openresolv/sbin/resolvconf > $W/programs/openresolv
            chmod 755 $W/programs/openresolv
            printf "nameserver 192.0.2.1\\nsearch home.example\\n" | $W/programs/openresolv -a eth0
            """);
    machine.install("resolvconf", directory.resolve("programs/openresolv"));
  }

  @AfterEach
  void stop() {
    machine.close();
  }

  private List<String> apply(DnsRequest request, String undo) {
    return machine.network().call(() -> machine.dns().apply(request, undo));
  }

  private String prepare(DnsRequest request) {
    return machine.network().call(() -> machine.dns().prepare(request));
  }

  private DnsUndo revert(String undo) {
    return machine.network().call(() -> machine.dns().revert(undo));
  }

  private String resolvConf() {
    return machine.sh("cat /etc/resolv.conf");
  }

  @Test
  void takesAllNamesAndGivesThemBackAfterARestart() {
    String before = resolvConf();
    assertThat(before).contains("nameserver 192.0.2.1", "search home.example");
    String undo = prepare(EVERYTHING);
    assertThat(undo).startsWith("resolvconf ");
    assertThat(resolvConf()).isEqualTo(before);
    assertThat(revert(undo)).isEqualTo(DnsUndo.NOTHING_LEFT);

    assertThat(apply(EVERYTHING, undo)).isEmpty();
    assertThat(DnsFiles.servers(resolvConf())).containsExactly("10.9.0.53", "fd42::53");

    assertThat(revert(undo)).isEqualTo(DnsUndo.REVERTED);
    assertThat(resolvConf()).isEqualTo(before);
    assertThat(revert(undo)).isEqualTo(DnsUndo.NOTHING_LEFT);
  }

  @Test
  void saysThatTheLibrarysResolverCannotSplit() {
    String undo = prepare(SPLIT);
    assertThat(apply(SPLIT, undo)).singleElement().asString().contains("split DNS is not possible");
    assertThat(DnsFiles.servers(resolvConf())).containsExactly("10.9.0.53");
    assertThat(resolvConf()).contains("corp.example lab.example");
  }

  @Test
  void leavesAnothersRecordOfTheSameNameAlone() {
    String undo = prepare(EVERYTHING);
    apply(EVERYTHING, undo);
    machine.sh("echo nameserver 192.0.2.7 | openresolv -a wg0 -m 0 -x");
    assertThat(revert(undo)).isEqualTo(DnsUndo.NOT_OURS);
    assertThat(DnsFiles.servers(resolvConf())).containsExactly("192.0.2.7");
  }
}
