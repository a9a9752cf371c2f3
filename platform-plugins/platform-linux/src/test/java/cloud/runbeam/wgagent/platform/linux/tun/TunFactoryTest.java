package cloud.runbeam.wgagent.platform.linux.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import cloud.runbeam.wgagent.platform.linux.testkit.ScriptedCalls;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the making of a TUN device fails. */
@Tag("root")
class TunFactoryTest {
  private final PrivateNetwork network = new PrivateNetwork();
  private final ScriptedCalls calls = new ScriptedCalls();

  @AfterEach
  void end() {
    network.close();
  }

  private AbstractThrowableAssert<?, ?> refusal(TunFactory factory, String name, int mtuBytes) {
    return assertThatThrownBy(
            () -> network.call(() -> factory.create(name, mtuBytes, new TunOptions(true))).close())
        .cause()
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith("cannot create TUN device " + name + ": ");
  }

  private TunFactory scripted() {
    return new TunFactory(TunFactory.CONTROL_FILE, () -> calls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "wg%d", "w g", "sixteen-letters-", "wg0\n", "wé"})
  void refusesNamesBeforeTheKernelDoes(String name) {
    refusal(new TunFactory(), name, 1420).hasMessageContaining("choose 1 to 15 characters");
  }

  @ParameterizedTest
  @ValueSource(ints = {575, 65_536, -1})
  void refusesMtusThatCannotBe(int mtuBytes) {
    refusal(new TunFactory(), "wgt0", mtuBytes)
        .hasMessageContaining("MTU " + mtuBytes + " is out of range")
        .hasMessageContaining("576 to 65535");
  }

  @Test
  void saysHowToGetTheControlFile(@TempDir Path directory) {
    TunFactory absent = new TunFactory(directory.resolve("tun").toString(), SystemCalls::new);
    refusal(absent, "wgt0", 1420)
        .hasMessageContaining("ENOENT")
        .hasMessageContaining("modprobe tun")
        .hasMessageContaining("--device");
  }

  @Test
  void saysWhatAFileThatIsNoTunLacks() {
    TunFactory other = new TunFactory("/dev/null", SystemCalls::new);
    refusal(other, "wgt0", 1420).hasMessageContaining("ioctl TUNSETIFF: ENOTTY");
  }

  @Test
  void saysWhichRightIsMissing() {
    calls.refuseIoctl(TunIoctl.TUNSETIFF, Errno.EPERM);
    refusal(scripted(), "wgt0", 1420)
        .hasMessageEndingWith(
            "ioctl TUNSETIFF: EPERM (Operation not permitted): run as root or grant CAP_NET_ADMIN"
                + " (in a container: --cap-add NET_ADMIN)");
  }

  @Test
  void makesADeviceWithoutSuperPacketsWhereTheyAreRefused() {
    calls.refuseIoctl(TunIoctl.TUNSETOFFLOAD, Errno.EINVAL);
    try (LinuxTun tun = network.call(() -> scripted().create("wgt0", 1420, new TunOptions(true)))) {
      assertThat(tun.takesUdpSuperPackets()).isFalse();
    }
  }

  @Test
  void takesUdpSuperPacketsWhereTheKernelHasThem() {
    try (LinuxTun tun =
        network.call(() -> new TunFactory().create("wgt0", 1420, new TunOptions(true)))) {
      // Since Linux 6.2.
      String[] version = network.sh("uname -r").split("[.-]", 3);
      boolean expected = Integer.parseInt(version[0]) * 100 + Integer.parseInt(version[1]) >= 602;
      assertThat(tun.takesUdpSuperPackets()).isEqualTo(expected);
    }
    try (LinuxTun plain =
        network.call(() -> new TunFactory().create("wgt1", 1420, TunOptions.PLAIN))) {
      assertThat(plain.takesUdpSuperPackets()).isFalse();
    }
  }
}
