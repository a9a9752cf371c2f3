package cloud.runbeam.wgagent.platform.linux.privilege;

import cloud.runbeam.wgagent.platform.api.Posture;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The rights of a process as {@code /proc/PID/task/TID/status} shows them (proc(5)). Rights belong
 * to threads: what any of them has, the process has; what protects counts only if all have it.
 */
public final class ThreadRights {
  /** By number, linux/capability.h. */
  private static final List<String> CAPABILITIES =
      List.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "DAC_READ_SEARCH",
          "FOWNER",
          "FSETID",
          "KILL",
          "SETGID",
          "SETUID",
          "SETPCAP",
          "LINUX_IMMUTABLE",
          "NET_BIND_SERVICE",
          "NET_BROADCAST",
          "NET_ADMIN",
          "NET_RAW",
          "IPC_LOCK",
          "IPC_OWNER",
          "SYS_MODULE",
          "SYS_RAWIO",
          "SYS_CHROOT",
          "SYS_PTRACE",
          "SYS_PACCT",
          "SYS_ADMIN",
          "SYS_BOOT",
          "SYS_NICE",
          "SYS_RESOURCE",
          "SYS_TIME",
          "SYS_TTY_CONFIG",
          "MKNOD",
          "LEASE",
          "AUDIT_WRITE",
          "AUDIT_CONTROL",
          "SETFCAP",
          "MAC_OVERRIDE",
          "MAC_ADMIN",
          "SYSLOG",
          "WAKE_ALARM",
          "BLOCK_SUSPEND",
          "AUDIT_READ",
          "PERFMON",
          "BPF",
          "CHECKPOINT_RESTORE");

  private static final String FILTER_MODE = "2";

  private ThreadRights() {}

  /** The rights of the process whose threads are listed in {@code tasks}. */
  public static Posture posture(Path tasks) {
    TreeSet<String> users = new TreeSet<>();
    long capabilities = 0;
    boolean noNewPrivileges = true;
    boolean filtered = true;
    for (Map<String, String> thread : threads(tasks)) {
      // Real, effective, saved, of the file system: the second acts.
      users.add(thread.getOrDefault("Uid", "? ?").split("\\s+", -1)[1]);
      capabilities |= hexadecimal(thread.getOrDefault("CapEff", "0"));
      noNewPrivileges &= thread.getOrDefault("NoNewPrivs", "0").equals("1");
      filtered &= thread.getOrDefault("Seccomp", "0").equals(FILTER_MODE);
    }
    boolean known = !users.isEmpty();
    return new Posture(
        known ? String.join(" and ", users) : "unknown",
        names(capabilities),
        known && noNewPrivileges,
        known && filtered);
  }

  private static List<Map<String, String>> threads(Path tasks) {
    List<Map<String, String>> result = new ArrayList<>();
    try (DirectoryStream<Path> directory = Files.newDirectoryStream(tasks)) {
      for (Path task : directory) {
        Map<String, String> fields = new TreeMap<>();
        try {
          for (String line : Files.readAllLines(task.resolve("status"))) {
            int colon = line.indexOf(':');
            if (colon > 0) {
              fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
          }
        } catch (IOException ended) {
          continue; // the thread is gone
        }
        result.add(fields);
      }
    } catch (IOException unreadable) {
      return result;
    }
    return result;
  }

  private static List<String> names(long capabilities) {
    if (Long.bitCount(capabilities) >= CAPABILITIES.size() - 1) {
      return List.of("all capabilities");
    }
    List<String> names = new ArrayList<>();
    for (int number = 0; number < Long.SIZE; number++) {
      if (((capabilities >>> number) & 1) != 0) {
        names.add(
            number < CAPABILITIES.size() ? "CAP_" + CAPABILITIES.get(number) : "CAP_" + number);
      }
    }
    names.sort(null);
    return names;
  }

  private static long hexadecimal(String digits) {
    try {
      return Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }
}
