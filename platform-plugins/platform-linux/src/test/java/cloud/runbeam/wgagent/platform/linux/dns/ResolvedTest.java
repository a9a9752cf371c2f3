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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's systemd-resolved on a D-Bus of its own, in namespaces of its own. */
@Tag("root")
class ResolvedTest {
  private static final DnsRequest SPLIT =
      new DnsRequest("wg0", List.of("10.9.0.53", "fd42::53"), List.of("corp.example"));
  private static final DnsRequest EVERYTHING =
      new DnsRequest("wg0", List.of("10.9.0.53"), List.of());

  @TempDir Path directory;
  private DnsMachine machine;

  @BeforeEach
  void start() throws IOException {
    Path unpacked = DnsMachine.unpacked("systemd-resolved");
    machine =
        new DnsMachine(
            directory,
            DnsMachine.BUS
                + """
                mkdir -p /run/systemd/resolve
                echo "systemd-resolve:x:997:997::/:/usr/sbin/nologin" >> /etc/passwd
                echo "systemd-resolve:x:997:" >> /etc/group
                chown 997:997 /run/systemd/resolve
                ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
                $P/systemd-resolved/lib/systemd/systemd-resolved >$W/log 2>&1 &
                for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                  $P/systemd-resolved/usr/bin/resolvectl dns >$W/ready 2>&1 && break
                  sleep 0.2
                done
                """);
    machine.install("resolvectl", unpacked.resolve("usr/bin/resolvectl"));
    machine.network().sh("ip tuntap add dev wg0 mode tun && ip link set wg0 up");
  }

  @AfterEach
  void stop() {
    machine.close();
  }

  private String apply(DnsRequest request) {
    return machine
        .network()
        .call(() -> {
          String undo = machine.dns().prepare(request);
          assertThat(machine.dns().apply(request, undo)).isEmpty();
          return undo;
        });
  }

  private String show(String property) {
    return machine
        .sh("resolvectl " + property + " wg0")
        .lines()
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("");
  }

  @Test
  void setsServersAndDomainsOfTheLinkAndTakesThemBackAfterARestart() {
    DnsBackend backend = machine.network().call(() -> machine.dns().backend());
    assertThat(backend).isEqualTo(new DnsBackend("resolved", true, List.of()));

    String undo = apply(SPLIT);
    assertThat(show("dns")).isEqualTo("10.9.0.53 fd42::53");
    assertThat(show("domain")).isEqualTo("corp.example");
    assertThat(show("default-route")).isEqualTo("no");
    assertThat(machine.network().call(() -> machine.dns().currentServers()))
        .contains("10.9.0.53", "fd42::53");

    apply(EVERYTHING);
    assertThat(show("dns")).isEqualTo("10.9.0.53");
    assertThat(show("domain")).isEqualTo("~.");
    assertThat(show("default-route")).isEqualTo("yes");

    assertThat(machine.network().call(() -> machine.dns().revert(undo)))
        .isEqualTo(DnsUndo.REVERTED);
    assertThat(show("dns")).isEmpty();
    assertThat(show("domain")).isEmpty();
  }

  @Test
  void leavesALinkAloneThatOnlyHasTheSameName() {
    String undo = apply(EVERYTHING);
    machine.network().sh("ip link delete wg0");
    assertThat(machine.network().call(() -> machine.dns().revert(undo)))
        .isEqualTo(DnsUndo.NOTHING_LEFT);
    machine.network().sh("ip tuntap add dev wg0 mode tun && ip link set wg0 up");
    machine.sh("resolvectl dns wg0 192.0.2.53");
    assertThat(machine.network().call(() -> machine.dns().revert(undo)))
        .isEqualTo(DnsUndo.NOTHING_LEFT);
    assertThat(show("dns")).isEqualTo("192.0.2.53");
  }

  @Test
  void refusesAnInterfaceThatIsNotThere() {
    DnsRequest absent = new DnsRequest("wg9", List.of("10.9.0.53"), List.of());
    assertThatThrownBy(() -> apply(absent))
        .cause()
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("name servers of wg9")
        .hasMessageContaining("no such interface");
  }

  @Test
  void isNotUsedFromAnotherNetworkNamespace() {
    DnsBackend backend = machine.dns().backend();
    assertThat(backend.name()).isNotEqualTo("resolved");
    assertThat(backend.passedOver())
        .contains("resolved: systemd-resolved runs in another network namespace");
  }

  @Test
  void isNotUsedWhereNobodyAsksIt() {
    machine.sh("rm /etc/resolv.conf; echo nameserver 192.0.2.1 > /etc/resolv.conf");
    DnsBackend backend = machine.network().call(() -> machine.dns().backend());
    assertThat(backend.name()).isEqualTo("file");
    assertThat(backend.passedOver().getFirst()).contains("/etc/resolv.conf does not lead to it");
  }
}
