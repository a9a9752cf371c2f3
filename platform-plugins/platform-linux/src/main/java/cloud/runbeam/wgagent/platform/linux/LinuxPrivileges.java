package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.platform.api.DropRequest;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.Posture;
import cloud.runbeam.wgagent.platform.api.Privileges;
import cloud.runbeam.wgagent.platform.linux.ffi.SeldomLibC;
import cloud.runbeam.wgagent.platform.linux.privilege.SystemCallFilter;
import cloud.runbeam.wgagent.platform.linux.privilege.ThreadRights;
import cloud.runbeam.wgagent.platform.linux.privilege.UserSwitch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The process's rights as {@code /proc/self/status} shows them (proc(5)); read anew each time,
 * since they are dropped after start. Where the file cannot be read, no right is assumed. Any
 * thread.
 */
final class LinuxPrivileges implements Privileges {
  /** linux/capability.h. */
  private static final int CAP_NET_ADMIN = 12;

  private final Path status;

  LinuxPrivileges() {
    this(Path.of("/proc/self/status"));
  }

  LinuxPrivileges(Path status) {
    this.status = status;
  }

  @Override
  public boolean canAdministerNetwork() {
    return field("CapEff:")
        .map(LinuxPrivileges::hexadecimal)
        .map(capabilities -> (capabilities >>> CAP_NET_ADMIN & 1) != 0)
        .orElse(false);
  }

  @Override
  public String currentUser() {
    // Real, effective, saved and file system user; the second is who we act as.
    return field("Uid:")
        .map(ids -> ids.split("\\s+"))
        .filter(ids -> ids.length > 1)
        .map(ids -> ids[1])
        .orElse("unknown");
  }

  private Optional<String> field(String key) {
    try {
      List<String> lines = Files.readAllLines(status);
      return lines.stream()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(key.length()).strip())
          .findFirst();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  private static long hexadecimal(String digits) {
    try {
      return Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }

  @Override
  public Posture posture() {
    return ThreadRights.posture(Path.of("/proc/self/task"));
  }

  @Override
  public boolean isRoot() {
    return currentUser().equals("0");
  }

  @Override
  public void drop(DropRequest request) throws PlatformException {
    new UserSwitch(SeldomLibC.get()).to(request);
  }

  @Override
  public void confine() throws PlatformException {
    SystemCallFilter.install();
  }
}
