package cloud.runbeam.wgagent.platform.linux.ffi;

/**
 * The kernel's error numbers that the plugin meets (asm-generic/errno-base.h, asm-generic/errno.h;
 * the same on x86-64, AArch64 and RISC-V), and their wording. The only place that knows either.
 */
public final class Errno {
  /** Operation not permitted. */
  public static final int EPERM = 1;

  /** No such file or directory. */
  public static final int ENOENT = 2;

  /** No such process. */
  public static final int ESRCH = 3;

  /** Interrupted system call. */
  public static final int EINTR = 4;

  /** Input/output error. */
  public static final int EIO = 5;

  /** No such device or address. */
  public static final int ENXIO = 6;

  /** Argument list too long. */
  public static final int E2BIG = 7;

  /** Bad file descriptor. */
  public static final int EBADF = 9;

  /** Resource temporarily unavailable. */
  public static final int EAGAIN = 11;

  /** Cannot allocate memory. */
  public static final int ENOMEM = 12;

  /** Permission denied. */
  public static final int EACCES = 13;

  /** Bad address. */
  public static final int EFAULT = 14;

  /** Device or resource busy. */
  public static final int EBUSY = 16;

  /** File exists. */
  public static final int EEXIST = 17;

  /** No such device. */
  public static final int ENODEV = 19;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** Too many open files in system. */
  public static final int ENFILE = 23;

  /** Too many open files. */
  public static final int EMFILE = 24;

  /** Inappropriate ioctl for device. */
  public static final int ENOTTY = 25;

  /** No space left on device. */
  public static final int ENOSPC = 28;

  /** Broken pipe. */
  public static final int EPIPE = 32;

  /** Numerical result out of range. */
  public static final int ERANGE = 34;

  /** File name too long. */
  public static final int ENAMETOOLONG = 36;

  /** Function not implemented. */
  public static final int ENOSYS = 38;

  /** Machine is not on the network. */
  public static final int ENONET = 64;

  /** Protocol error. */
  public static final int EPROTO = 71;

  /** Value too large for defined data type. */
  public static final int EOVERFLOW = 75;

  /** File descriptor in bad state. */
  public static final int EBADFD = 77;

  /** Socket operation on non-socket. */
  public static final int ENOTSOCK = 88;

  /** Message too long. */
  public static final int EMSGSIZE = 90;

  /** Protocol not available. */
  public static final int ENOPROTOOPT = 92;

  /** Protocol not supported. */
  public static final int EPROTONOSUPPORT = 93;

  /** Operation not supported. */
  public static final int EOPNOTSUPP = 95;

  /** Address family not supported by protocol. */
  public static final int EAFNOSUPPORT = 97;

  /** Address already in use. */
  public static final int EADDRINUSE = 98;

  /** Cannot assign requested address. */
  public static final int EADDRNOTAVAIL = 99;

  /** Network is down. */
  public static final int ENETDOWN = 100;

  /** Network is unreachable. */
  public static final int ENETUNREACH = 101;

  /** Network dropped connection on reset. */
  public static final int ENETRESET = 102;

  /** Software caused connection abort. */
  public static final int ECONNABORTED = 103;

  /** Connection reset by peer. */
  public static final int ECONNRESET = 104;

  /** No buffer space available. */
  public static final int ENOBUFS = 105;

  /** Transport endpoint is not connected. */
  public static final int ENOTCONN = 107;

  /** Connection timed out. */
  public static final int ETIMEDOUT = 110;

  /** Connection refused. */
  public static final int ECONNREFUSED = 111;

  /** Host is down. */
  public static final int EHOSTDOWN = 112;

  /** No route to host. */
  public static final int EHOSTUNREACH = 113;

  private Errno() {}

  /** Name and meaning, {@code EPERM (Operation not permitted)}; a number where we know no name. */
  public static String describe(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM (Operation not permitted)";
      case ENOENT -> "ENOENT (No such file or directory)";
      case ESRCH -> "ESRCH (No such process)";
      case EINTR -> "EINTR (Interrupted system call)";
      case EIO -> "EIO (Input/output error)";
      case ENXIO -> "ENXIO (No such device or address)";
      case E2BIG -> "E2BIG (Argument list too long)";
      case EBADF -> "EBADF (Bad file descriptor)";
      case EAGAIN -> "EAGAIN (Resource temporarily unavailable)";
      case ENOMEM -> "ENOMEM (Cannot allocate memory)";
      case EACCES -> "EACCES (Permission denied)";
      case EFAULT -> "EFAULT (Bad address)";
      case EBUSY -> "EBUSY (Device or resource busy)";
      case EEXIST -> "EEXIST (File exists)";
      case ENODEV -> "ENODEV (No such device)";
      case EINVAL -> "EINVAL (Invalid argument)";
      case ENFILE -> "ENFILE (Too many open files in system)";
      case EMFILE -> "EMFILE (Too many open files)";
      case ENOTTY -> "ENOTTY (Inappropriate ioctl for device)";
      case ENOSPC -> "ENOSPC (No space left on device)";
      case EPIPE -> "EPIPE (Broken pipe)";
      case ERANGE -> "ERANGE (Numerical result out of range)";
      case ENAMETOOLONG -> "ENAMETOOLONG (File name too long)";
      case ENOSYS -> "ENOSYS (Function not implemented)";
      case ENONET -> "ENONET (Machine is not on the network)";
      case EPROTO -> "EPROTO (Protocol error)";
      case EOVERFLOW -> "EOVERFLOW (Value too large for defined data type)";
      case EBADFD -> "EBADFD (File descriptor in bad state)";
      case ENOTSOCK -> "ENOTSOCK (Socket operation on non-socket)";
      case EMSGSIZE -> "EMSGSIZE (Message too long)";
      case ENOPROTOOPT -> "ENOPROTOOPT (Protocol not available)";
      case EPROTONOSUPPORT -> "EPROTONOSUPPORT (Protocol not supported)";
      case EOPNOTSUPP -> "EOPNOTSUPP (Operation not supported)";
      case EAFNOSUPPORT -> "EAFNOSUPPORT (Address family not supported by protocol)";
      case EADDRINUSE -> "EADDRINUSE (Address already in use)";
      case EADDRNOTAVAIL -> "EADDRNOTAVAIL (Cannot assign requested address)";
      case ENETDOWN -> "ENETDOWN (Network is down)";
      case ENETUNREACH -> "ENETUNREACH (Network is unreachable)";
      case ENETRESET -> "ENETRESET (Network dropped connection on reset)";
      case ECONNABORTED -> "ECONNABORTED (Software caused connection abort)";
      case ECONNRESET -> "ECONNRESET (Connection reset by peer)";
      case ENOBUFS -> "ENOBUFS (No buffer space available)";
      case ENOTCONN -> "ENOTCONN (Transport endpoint is not connected)";
      case ETIMEDOUT -> "ETIMEDOUT (Connection timed out)";
      case ECONNREFUSED -> "ECONNREFUSED (Connection refused)";
      case EHOSTDOWN -> "EHOSTDOWN (Host is down)";
      case EHOSTUNREACH -> "EHOSTUNREACH (No route to host)";
      default -> "errno " + errno;
    };
  }
}
