package cloud.runbeam.wgagent.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import cloud.runbeam.wgagent.platform.api.Privileges;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxProbeTest {
  @TempDir private Path directory;

  private static Privileges privileges(boolean admin) {
    return new Privileges() {
      @Override
      public boolean canAdministerNetwork() {
        return admin;
      }

      @Override
      public String currentUser() {
        return "1000";
      }
    };
  }

  @Test
  void namesEverythingThatIsMissingAtOnce() {
    Path absent = directory.resolve("tun");
    PlatformProbe probe =
        new LinuxProbe(OperatingSystem.LINUX, "amd64", absent, privileges(false), OffloadChoice.ALL)
            .run();
    assertThat(probe.usable()).isFalse();
    assertThat(probe.reasons()).hasSize(2);
    assertThat(probe.reasons().getFirst()).contains(absent + " does not exist", "modprobe tun");
    assertThat(probe.reasons().getLast()).contains("user 1000 lacks CAP_NET_ADMIN", "as root");
  }

  @Test
  void remarksThatTheChoiceOfOffloadsIsNotUnderstood() {
    PlatformProbe probe =
        new LinuxProbe(
                OperatingSystem.LINUX,
                "amd64",
                directory,
                privileges(true),
                OffloadChoice.parse("none"))
            .run();
    assertThat(probe.usable()).isTrue();
    assertThat(probe.reasons())
        .anyMatch(remark ->
            remark.contains("WG_AGENT_OFFLOADS=none") && remark.contains("on, off, tun, udp"));
  }

  @Test
  void answersOnOtherSystems() {
    PlatformProbe probe =
        new LinuxProbe(
                OperatingSystem.MACOS, "amd64", directory, privileges(true), OffloadChoice.ALL)
            .run();
    assertThat(probe.usable()).isFalse();
    assertThat(probe.reasons()).singleElement().asString().startsWith("not this system");
  }

  @Test
  void answersOnOtherProcessors() {
    PlatformProbe probe =
        new LinuxProbe(
                OperatingSystem.LINUX, "s390x", directory, privileges(true), OffloadChoice.ALL)
            .run();
    assertThat(probe.usable()).isFalse();
    assertThat(probe.reasons()).singleElement().asString().contains("s390x");
  }
}
