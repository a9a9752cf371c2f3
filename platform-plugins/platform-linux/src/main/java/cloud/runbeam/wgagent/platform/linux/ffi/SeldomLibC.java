package cloud.runbeam.wgagent.platform.linux.ffi;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import com.sun.jna.ptr.IntByReference;
import org.jspecify.annotations.Nullable;

/**
 * The C library for calls made a few times in a process's life, mapped by JNA. Loaded with the
 * first use of {@link #get}, which takes some tens of milliseconds: a plain tunnel never needs it.
 */
public interface SeldomLibC extends Library {
  /** {@code AF_UNIX} of sys/socket.h. */
  int AF_UNIX = 1;

  /** {@code SOCK_DGRAM | SOCK_CLOEXEC} of sys/socket.h. */
  int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;

  /** {@code MSG_NOSIGNAL} of sys/socket.h. */
  int MSG_NOSIGNAL = 0x4000;

  /** The library. */
  static SeldomLibC get() {
    return Holder.LIBRARY;
  }

  /** Loads at first use. */
  final class Holder {
    private static final SeldomLibC LIBRARY = Native.load("c", SeldomLibC.class);

    private Holder() {}
  }

  /** {@code socket(2)}. */
  int socket(int domain, int type, int protocol) throws LastErrorException;

  /** {@code sendto(2)}. */
  NativeLong sendto(
      int socket, byte[] message, NativeLong length, int flags, byte[] address, int addressLength)
      throws LastErrorException;

  /** {@code close(2)}. */
  int close(int descriptor) throws LastErrorException;

  /** {@code dup2(2)}. */
  int dup2(int descriptor, int copy) throws LastErrorException;

  /** {@code setxattr(2)}. */
  int setxattr(String path, String name, byte[] value, NativeLong length, int flags)
      throws LastErrorException;

  /** {@code getpwnam_r(3)}: 0 and a non-null {@code result} if the user exists. */
  int getpwnam_r(String name, Passwd entry, byte[] buffer, NativeLong length, Pointer[] result);

  /** {@code getgrnam_r(3)}: 0 and a non-null {@code result} if the group exists. */
  int getgrnam_r(String name, Group entry, byte[] buffer, NativeLong length, Pointer[] result);

  /**
   * {@code getgrouplist(3)}: -1 if {@code groups} is too short, {@code count} then says how many
   * there are.
   */
  int getgrouplist(String user, int group, int @Nullable [] groups, IntByReference count);

  /** {@code setgroups(2)}, on all threads, as the C library does it. */
  int setgroups(NativeLong count, int[] groups) throws LastErrorException;

  /** {@code setresgid(2)}, on all threads. */
  int setresgid(int real, int effective, int saved) throws LastErrorException;

  /** {@code setresuid(2)}, on all threads. */
  int setresuid(int real, int effective, int saved) throws LastErrorException;

  /** {@code prctl(2)}, for the calling thread. */
  int prctl(int option, NativeLong second, NativeLong third, NativeLong fourth, NativeLong fifth)
      throws LastErrorException;

  /** {@code capset(2)}, for the calling thread: version and 0; three sets of 32 bits, twice. */
  int capset(int[] header, int[] data) throws LastErrorException;

  /** {@code setrlimit(2)}: soft and hard limit. */
  int setrlimit(int resource, long[] limits) throws LastErrorException;

  /** {@code lchown(2)}. */
  int lchown(String path, int user, int group) throws LastErrorException;

  /** {@code execve(2)}: returns only if it fails. */
  int execve(String file, String[] arguments, String[] environment) throws LastErrorException;

  /** {@code struct passwd} of pwd.h. */
  @FieldOrder({"name", "password", "uid", "gid", "comment", "home", "shell"})
  final class Passwd extends Structure {
    public @Nullable Pointer name;
    public @Nullable Pointer password;
    public int uid;
    public int gid;
    public @Nullable Pointer comment;
    public @Nullable Pointer home;
    public @Nullable Pointer shell;
  }

  /** {@code struct group} of grp.h. */
  @FieldOrder({"name", "password", "gid", "members"})
  final class Group extends Structure {
    public @Nullable Pointer name;
    public @Nullable Pointer password;
    public int gid;
    public @Nullable Pointer members;
  }
}
