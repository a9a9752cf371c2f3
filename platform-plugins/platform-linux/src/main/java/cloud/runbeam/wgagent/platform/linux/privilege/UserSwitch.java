package cloud.runbeam.wgagent.platform.linux.privilege;

import cloud.runbeam.wgagent.platform.api.DropRequest;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SeldomLibC;
import cloud.runbeam.wgagent.platform.linux.service.LinuxAccounts;
import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * From root to another user with {@code CAP_NET_ADMIN} alone, on every thread.
 *
 * <p>Capabilities belong to threads, and only a thread itself can set its own; a JVM has a dozen
 * threads before the first line of Java runs. So the calling thread changes, hands its one
 * capability on to the next program (ambient set, capabilities(7)) and starts the same program
 * again in the same process: all threads of the new JVM descend from one that never had more.
 *
 * <pre>
 *   make places -> raise the limit of locked memory -> empty the bounding set -> groups, group, user
 *     -> one capability, ambient -> no new privileges -> execve(ourselves)
 * </pre>
 */
public final class UserSwitch {
  private static final int CAP_NET_ADMIN = 12;

  // linux/prctl.h
  private static final int PR_SET_KEEPCAPS = 8;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_RAISE = 2;

  private static final int LINUX_CAPABILITY_VERSION_3 = 0x2008_0522;
  private static final int RLIMIT_MEMLOCK = 8;

  /** Room for the keys of ten thousand peers, locked without a capability. */
  private static final long LOCKED_BYTES = 64L << 20;

  private static final Pattern OWN_NAME = Pattern.compile("wg-agent|wireguard");

  private final SeldomLibC library;

  /** A switch by the C library's calls. */
  public UserSwitch(SeldomLibC library) {
    this.library = library;
  }

  /**
   * Starts this program again as the user; returns only by failing. Main thread.
   *
   * @throws PlatformException before anything changed, or, where the message says so, when rights
   *     are gone already
   */
  public void to(DropRequest request) throws PlatformException {
    String attempt = "cannot run as user " + request.user();
    LinuxAccounts.Account account =
        new LinuxAccounts()
            .find(request.user())
            .orElseThrow(() ->
                new PlatformException(
                    attempt,
                    "there is no such user",
                    "create it (useradd --system --user-group "
                        + request.user()
                        + "), or change user in [agent]"));
    try {
      Path program = Files.readSymbolicLink(Path.of("/proc/self/exe"));
      String[] arguments = zeroTerminated(Path.of("/proc/self/cmdline"));
      for (Path place : request.places()) {
        makePlace(place, account);
      }
      String[] environment = environment(account);
      changeUser(account);
      library.execve(program.toString(), arguments, environment);
    } catch (IOException e) {
      throw new PlatformException(attempt, e.toString(), "mount /proc");
    } catch (LastErrorException e) {
      throw new PlatformException(
          attempt,
          Errno.describe(e.getErrorCode()),
          "start as root with CAP_SETUID, CAP_SETGID and CAP_SETPCAP, let the user read the JVM's"
              + " files, or start the agent as that user with CAP_NET_ADMIN");
    }
  }

  /**
   * Makes a place for the user, or gives it the one that an agent run by root has left, with what
   * root left in it. Anybody else's, and directories that are not the agent's by their name, stay
   * as they are.
   */
  private void makePlace(Path place, LinuxAccounts.Account account) throws IOException {
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(place);
    } else if (!OWN_NAME.matcher(place.getFileName().toString()).find() || !isRoots(place)) {
      return;
    }
    // Only root could have put anything there, so nothing changes under us.
    try (Stream<Path> entries = Files.walk(place)) {
      for (Path entry : entries.toList()) {
        if (isRoots(entry)) {
          library.lchown(entry.toString(), account.userId(), account.groupId());
        }
      }
    }
  }

  private static boolean isRoots(Path path) throws IOException {
    return Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0);
  }

  private void changeUser(LinuxAccounts.Account account) {
    allowLockedMemory();
    library.prctl(PR_SET_KEEPCAPS, word(1), word(0), word(0), word(0));
    for (int capability = 0; capability < Long.SIZE; capability++) {
      if (capability != CAP_NET_ADMIN) {
        dropFromBoundingSet(capability);
      }
    }
    int[] groups = account.groups().stream().mapToInt(Integer::intValue).toArray();
    library.setgroups(word(groups.length), groups);
    library.setresgid(account.groupId(), account.groupId(), account.groupId());
    library.setresuid(account.userId(), account.userId(), account.userId());
    int one = 1 << CAP_NET_ADMIN;
    library.capset(new int[] {LINUX_CAPABILITY_VERSION_3, 0}, new int[] {one, one, one, 0, 0, 0});
    library.prctl(
        PR_CAP_AMBIENT, word(PR_CAP_AMBIENT_RAISE), word(CAP_NET_ADMIN), word(0), word(0));
    library.prctl(PR_SET_NO_NEW_PRIVS, word(1), word(0), word(0), word(0));
  }

  private void allowLockedMemory() {
    try {
      library.setrlimit(RLIMIT_MEMLOCK, new long[] {LOCKED_BYTES, LOCKED_BYTES});
    } catch (LastErrorException e) {
      // Without CAP_SYS_RESOURCE. What cannot be locked is said by whoever wants to lock it.
      if (e.getErrorCode() != Errno.EPERM) {
        throw e;
      }
    }
  }

  private void dropFromBoundingSet(int capability) {
    try {
      library.prctl(PR_CAPBSET_DROP, word(capability), word(0), word(0), word(0));
    } catch (LastErrorException e) {
      if (e.getErrorCode() != Errno.EINVAL) { // this kernel has no capability of that number
        throw e;
      }
    }
  }

  private static NativeLong word(long value) {
    return new NativeLong(value);
  }

  private static String[] environment(LinuxAccounts.Account account) {
    Map<String, String> variables = new LinkedHashMap<>(System.getenv());
    variables.put("USER", account.name());
    variables.put("LOGNAME", account.name());
    // Root's home is not the user's, and nothing is to be kept in either.
    variables.put("HOME", "/");
    List<String> lines = new ArrayList<>();
    variables.forEach((name, value) -> lines.add(name + "=" + value));
    return lines.toArray(String[]::new);
  }

  private static String[] zeroTerminated(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.UTF_8);
    String[] parts = text.split("\0", -1);
    return Arrays.copyOf(parts, parts.length - 1);
  }
}
