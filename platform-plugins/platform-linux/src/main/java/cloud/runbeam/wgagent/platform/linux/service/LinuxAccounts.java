package cloud.runbeam.wgagent.platform.linux.service;

import cloud.runbeam.wgagent.platform.api.Accounts;
import cloud.runbeam.wgagent.platform.linux.ffi.SeldomLibC;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/**
 * Users and groups through the C library, so that directory servers configured in nsswitch.conf
 * count as well as {@code /etc/group}.
 */
public final class LinuxAccounts implements Accounts {
  private static final int ERANGE = 34;
  private static final int FIRST_BUFFER_BYTES = 1_024;

  /**
   * A group with more members than fit here is not looked through by name; membership does not need
   * it.
   */
  private static final int LARGEST_BUFFER_BYTES = 1 << 20;

  private static final int FIRST_GROUPS = 64;

  /** {@code NGROUPS_MAX} is larger; nobody is in so many. */
  private static final int LARGEST_GROUPS = 1024;

  @Override
  public boolean isMember(String user, String group) {
    OptionalInt primary = primaryGroup(user);
    OptionalInt wanted = groupId(group);
    if (primary.isEmpty() || wanted.isEmpty()) {
      return false;
    }
    int[] groups = new int[FIRST_GROUPS];
    IntByReference count = new IntByReference(groups.length);
    SeldomLibC library = SeldomLibC.get();
    if (library.getgrouplist(user, primary.getAsInt(), groups, count) < 0) {
      groups = new int[Math.max(count.getValue(), FIRST_GROUPS)];
      count.setValue(groups.length);
      if (library.getgrouplist(user, primary.getAsInt(), groups, count) < 0) {
        return false; // joined another group in between: the next call will tell
      }
    }
    for (int i = 0; i < count.getValue(); i++) {
      if (groups[i] == wanted.getAsInt()) {
        return true;
      }
    }
    return false;
  }

  /**
   * One user.
   *
   * @param groups primary and supplementary ones
   */
  public record Account(String name, int userId, int groupId, List<Integer> groups) {}

  /** The user of that name, as the system knows it. */
  public Optional<Account> find(String user) {
    SeldomLibC.Passwd entry = new SeldomLibC.Passwd();
    Pointer[] found = new Pointer[1];
    int error =
        withBuffer(bytes ->
            SeldomLibC.get()
                .getpwnam_r(user, entry, new byte[bytes], new NativeLong(bytes), found));
    if (error != 0 || found[0] == null) {
      return Optional.empty();
    }
    int[] groups = new int[LARGEST_GROUPS];
    IntByReference count = new IntByReference(groups.length);
    SeldomLibC.get().getgrouplist(user, entry.gid, groups, count);
    return Optional.of(
        new Account(
            user,
            entry.uid,
            entry.gid,
            Arrays.stream(groups)
                .limit(Math.clamp(count.getValue(), 0, groups.length))
                .boxed()
                .toList()));
  }

  private static OptionalInt primaryGroup(String user) {
    SeldomLibC.Passwd entry = new SeldomLibC.Passwd();
    Pointer[] found = new Pointer[1];
    int error =
        withBuffer(bytes ->
            SeldomLibC.get()
                .getpwnam_r(user, entry, new byte[bytes], new NativeLong(bytes), found));
    return error == 0 && found[0] != null ? OptionalInt.of(entry.gid) : OptionalInt.empty();
  }

  /** The group's number, if there is such a group. */
  static OptionalInt groupId(String group) {
    SeldomLibC.Group entry = new SeldomLibC.Group();
    Pointer[] found = new Pointer[1];
    int error =
        withBuffer(bytes ->
            SeldomLibC.get()
                .getgrnam_r(group, entry, new byte[bytes], new NativeLong(bytes), found));
    return error == 0 && found[0] != null ? OptionalInt.of(entry.gid) : OptionalInt.empty();
  }

  /** Calls with growing buffers until the answer fits. */
  private static int withBuffer(IntUnaryOperator call) {
    int bytes = FIRST_BUFFER_BYTES;
    int error = call.applyAsInt(bytes);
    while (error == ERANGE && bytes < LARGEST_BUFFER_BYTES) {
      bytes *= 4;
      error = call.applyAsInt(bytes);
    }
    return error;
  }
}
