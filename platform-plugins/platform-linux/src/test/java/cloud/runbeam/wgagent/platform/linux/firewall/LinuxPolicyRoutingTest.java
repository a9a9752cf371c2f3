package cloud.runbeam.wgagent.platform.linux.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a default route needs besides rules. */
@Tag("root")
class LinuxPolicyRoutingTest {
  private static final List<IpPrefix> ADDRESSES =
      List.of(IpPrefix.parse("10.100.0.2/24"), IpPrefix.parse("fd42:1::2/64"));

  @TempDir private Path directory;

  @Test
  void guardsRepliesAndTakesThatBack() {
    try (PrivateNetwork network = new PrivateNetwork()) {
      LinuxPolicyRouting routing = new LinuxPolicyRouting();
      for (String name : List.of("wg0", "a+b=c.d-e")) {
        network.run(() -> {
          routing.guardReplies(name, 0xCA6C, ADDRESSES);
          routing.guardReplies(name, 0xCA6D, ADDRESSES);
        });
        assertThat(network.sh("nft -nn list ruleset"))
            .contains("iifname != \"" + name + "\" ip daddr 10.100.0.2 fib saddr type != ")
            .contains("iifname != \"" + name + "\" ip6 daddr fd42:1::2 fib saddr type != ")
            .contains("0x0000ca6d")
            .doesNotContain("0x0000ca6c")
            .containsOnlyOnce("table inet");
        network.run(() -> {
          routing.unguardReplies(name);
          routing.unguardReplies(name);
        });
        assertThat(network.sh("nft list ruleset")).isEmpty();
      }
    }
  }

  @Test
  void switchesTheCheckByMarkOfItsOwnNamespace() {
    try (PrivateNetwork network = new PrivateNetwork()) {
      LinuxPolicyRouting routing = new LinuxPolicyRouting();
      assertThat(network.<Boolean>call(routing::checksSourcesByMark)).isFalse();
      network.run(() -> routing.setChecksSourcesByMark(true));
      assertThat(network.<Boolean>call(routing::checksSourcesByMark)).isTrue();
      assertThat(network.sh("sysctl -n net.ipv4.conf.all.src_valid_mark").strip()).isEqualTo("1");
      network.run(() -> routing.setChecksSourcesByMark(false));
      assertThat(network.sh("sysctl -n net.ipv4.conf.all.src_valid_mark").strip()).isEqualTo("0");
    }
  }

  @Test
  void saysWhatToDoWhereSettingsCannotBeWritten() throws IOException {
    // A directory is refused to everybody, root included.
    Path unwritable = Files.createDirectory(directory.resolve("src_valid_mark"));
    LinuxPolicyRouting routing = new LinuxPolicyRouting(new Nft(), unwritable);
    assertThatThrownBy(() -> routing.setChecksSourcesByMark(true))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("cannot set net.ipv4.conf.all.src_valid_mark to 1")
        .hasMessageContaining("--sysctl");
  }

  @Test
  void hasNothingToSwitchOnAKernelWithoutTheCheck() throws PlatformException {
    LinuxPolicyRouting routing = new LinuxPolicyRouting(new Nft(), directory.resolve("absent"));
    assertThat(routing.checksSourcesByMark()).isTrue();
  }
}
