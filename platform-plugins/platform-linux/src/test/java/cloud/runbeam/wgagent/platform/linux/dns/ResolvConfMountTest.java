package cloud.runbeam.wgagent.platform.linux.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.platform.api.DnsBackend;
import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plain file as containers have it: a mount of its own, or on a read-only file system. */
@Tag("root")
class ResolvConfMountTest {
  private static final DnsRequest EVERYTHING =
      new DnsRequest("wg0", List.of("10.9.0.53"), List.of());

  @TempDir Path directory;

  @Test
  void writesInPlaceWhereTheFileIsAMount() throws IOException {
    String setup =
        """
        echo nameserver 192.0.2.1 > $W/host.conf
        touch /etc/resolv.conf && mount --bind $W/host.conf /etc/resolv.conf
        mount -o remount,bind,ro /etc
        """;
    try (DnsMachine machine = new DnsMachine(directory, setup)) {
      String undo = machine.network().call(() -> machine.dns().prepare(EVERYTHING));
      machine.network().run(() -> machine.dns().apply(EVERYTHING, undo));
      assertThat(DnsFiles.servers(machine.sh("cat /etc/resolv.conf"))).containsExactly("10.9.0.53");
      assertThat(machine.network().call(() -> machine.dns().revert(undo)))
          .isEqualTo(DnsUndo.REVERTED);
      assertThat(machine.sh("cat /etc/resolv.conf")).isEqualTo("nameserver 192.0.2.1\n");
    }
  }

  @Test
  void saysThatNothingCanBeWritten() throws IOException {
    String setup =
        """
        echo nameserver 192.0.2.1 > /etc/resolv.conf
        mount -o remount,bind,ro /etc
        """;
    try (DnsMachine machine = new DnsMachine(directory, setup)) {
      DnsBackend backend = machine.network().call(() -> machine.dns().backend());
      assertThat(backend.name()).isEqualTo("none");
      assertThatThrownBy(() -> machine.network().call(() -> machine.dns().prepare(EVERYTHING)))
          .cause()
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("neither /etc/resolv.conf nor its directory can be written")
          .hasMessageContaining("leave out dns and dns_search");
    }
  }
}
