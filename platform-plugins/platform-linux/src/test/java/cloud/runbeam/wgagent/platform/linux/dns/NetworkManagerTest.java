package cloud.runbeam.wgagent.platform.linux.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import cloud.runbeam.wgagent.platform.api.DnsBackend;
import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's NetworkManager on a D-Bus of its own, in namespaces of its own. */
@Tag("root")
class NetworkManagerTest {
  private static final long PATIENCE_NS = Duration.ofSeconds(15).toNanos();

  private static final String SETUP =
      """
      echo 11111111111111111111111111111111 > /etc/machine-id
      mkdir -p /etc/NetworkManager $W/state
      printf "[main]\\nplugins=keyfile\\ndns=default\\nrc-manager=file\\nauth-polkit=false\\n" \\
        > /etc/NetworkManager/NetworkManager.conf
      NM=$P/network-manager/usr
      mount -t tmpfs none /var/lib
      $NM/sbin/NetworkManager --no-daemon >$W/log 2>&1 &
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        $NM/bin/nmcli general status >$W/ready 2>&1 && break
        sleep 0.2
      done
      $NM/bin/nmcli connection add type tun ifname d0 con-name home tun.mode 2 \\
        ipv4.method manual ipv4.addresses 192.0.2.2/24 ipv4.dns 192.0.2.1 >/dev/null
      $NM/bin/nmcli connection up home >/dev/null
      """;

  @TempDir Path directory;

  @Test
  void setsServersThatLastAndTakesThemBack() throws IOException {
    Path nmcli = DnsMachine.unpacked("network-manager").resolve("usr/bin/nmcli");
    DnsRequest request = new DnsRequest("wg0", List.of("10.9.0.53", "fd42::53"), List.of());
    try (DnsMachine machine = new DnsMachine(directory, DnsMachine.BUS + SETUP)) {
      machine.install("nmcli", nmcli);
      awaitServers(machine, "192.0.2.1");
      DnsBackend backend = machine.network().call(() -> machine.dns().backend());
      assertThat(backend.name()).as("%s", backend).isEqualTo("networkmanager");

      String undo = machine.network().call(() -> machine.dns().prepare(request));
      machine.network().run(() -> machine.dns().apply(request, undo));
      awaitServers(machine, "10.9.0.53", "fd42::53");
      machine.sh(nmcli + " connection modify home ipv4.dns 192.0.2.9");
      machine.sh(nmcli + " connection up home");
      awaitServers(machine, "10.9.0.53", "fd42::53");

      assertThat(machine.network().call(() -> machine.dns().revert(undo)))
          .isEqualTo(DnsUndo.REVERTED);
      awaitServers(machine, "192.0.2.9");
    }
  }

  /** NetworkManager writes the file when it gets to it. */
  private static void awaitServers(DnsMachine machine, String... servers) {
    long end = System.nanoTime() + PATIENCE_NS;
    List<String> found = List.of();
    while (System.nanoTime() - end < 0) {
      found = DnsFiles.servers(machine.sh("cat /etc/resolv.conf 2>/dev/null || true"));
      if (found.equals(List.of(servers))) {
        return;
      }
    }
    fail("the servers are %s, not %s", found, List.of(servers));
  }
}
