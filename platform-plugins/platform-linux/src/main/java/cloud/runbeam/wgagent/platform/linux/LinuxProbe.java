package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import cloud.runbeam.wgagent.platform.api.Privileges;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkSocket;
import cloud.runbeam.wgagent.platform.linux.netlink.Refusal;
import cloud.runbeam.wgagent.platform.linux.tun.TunFactory;
import cloud.runbeam.wgagent.platform.linux.udp.LinuxUdp;
import cloud.runbeam.wgagent.platform.linux.udp.LinuxUdpTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looks for everything that a tunnel needs, and says all that is missing at once. */
final class LinuxProbe {
  /**
   * Those whose calling convention and structures are as {@code ..ffi..} and {@code ..udp..} say.
   */
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "aarch64", "riscv64");

  private final OperatingSystem system;
  private final String architecture;
  private final Path tunFile;
  private final Privileges privileges;
  private final OffloadChoice offloads;

  LinuxProbe(OffloadChoice offloads) {
    this(
        OperatingSystem.current(),
        System.getProperty("os.arch", ""),
        Path.of(TunFactory.CONTROL_FILE),
        new LinuxPrivileges(),
        offloads);
  }

  LinuxProbe(
      OperatingSystem system,
      String architecture,
      Path tunFile,
      Privileges privileges,
      OffloadChoice offloads) {
    this.system = system;
    this.architecture = architecture;
    this.tunFile = tunFile;
    this.privileges = privileges;
    this.offloads = offloads;
  }

  PlatformProbe run() {
    if (system != OperatingSystem.LINUX) {
      return PlatformProbe.unusable(
          "not this system: the linux plugin does nothing on this machine: use the plugin of the"
              + " system that this process runs on");
    }
    if (!ARCHITECTURES.contains(architecture)) {
      return PlatformProbe.unusable(
          "this processor (" + architecture + ") is not supported: use one of " + ARCHITECTURES);
    }
    List<String> missing = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    offloads.problem().ifPresent(remarks::add);
    if (probeLinking(missing)) {
      probeSockets(missing, remarks);
    }
    probeTun(missing);
    if (!privileges.canAdministerNetwork()) {
      missing.add(
          "user " + privileges.currentUser() + " lacks CAP_NET_ADMIN: " + Refusal.NEED_CAPABILITY);
    }
    return missing.isEmpty() ? new PlatformProbe(true, remarks) : new PlatformProbe(false, missing);
  }

  /** Whether native calls can be made at all. */
  private static boolean probeLinking(List<String> missing) {
    try {
      List<String> functions = SystemCalls.missing();
      if (!functions.isEmpty()) {
        missing.add(
            "the C library lacks " + functions + ": use a newer one (glibc 2.25, musl 1.1.20)");
      }
      return functions.isEmpty();
    } catch (LinkageError | UnsupportedOperationException | IllegalCallerException refusal) {
      missing.add(
          "native calls are refused ("
              + refusal
              + "): start Java with --enable-native-access=ALL-UNNAMED");
      return false;
    }
  }

  private static void probeSockets(List<String> missing, List<String> remarks) {
    try (LinuxUdpTransport transport = new LinuxUdp().open(0, 0)) {
      if (!transport.hasIpv6()) {
        remarks.add("IPv6 is off on this machine: peers are reached over IPv4 only");
      }
    } catch (IOException failure) {
      missing.add(String.valueOf(failure.getMessage()));
    }
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      // That it opens is all there is to know.
      assert socket.descriptor() >= 0;
    } catch (IOException failure) {
      missing.add(
          failure.getMessage() + ": let this process use AF_NETLINK (RestrictAddressFamilies=)");
    }
  }

  private void probeTun(List<String> missing) {
    if (!Files.exists(tunFile)) {
      missing.add(
          tunFile
              + " does not exist: load the module (modprobe tun); in a container pass the file in"
              + " (--device "
              + TunFactory.CONTROL_FILE
              + ")");
    } else if (!Files.isReadable(tunFile) || !Files.isWritable(tunFile)) {
      missing.add(
          tunFile + " cannot be read and written by this user: run as root or change its mode");
    }
  }
}
