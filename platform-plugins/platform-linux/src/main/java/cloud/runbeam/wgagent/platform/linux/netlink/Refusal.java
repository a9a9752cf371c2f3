package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;

/** Turns what the kernel said into what the operator reads, advice included. */
public final class Refusal {
  /** What to do about EPERM wherever it comes from. */
  public static final String NEED_CAPABILITY =
      "run as root or grant CAP_NET_ADMIN (in a container: --cap-add NET_ADMIN)";

  private Refusal() {}

  /** {@code refusal} of {@code attempt}, which concerned the interface {@code interfaceName}. */
  public static PlatformException of(
      String attempt, NetlinkException refusal, String interfaceName) {
    return new PlatformException(attempt, reason(refusal), advice(refusal.errno(), interfaceName));
  }

  private static String reason(NetlinkException refusal) {
    String message = refusal.getMessage();
    return message == null ? Errno.describe(refusal.errno()) : message;
  }

  private static String advice(int errno, String interfaceName) {
    return switch (errno) {
      case Errno.EPERM -> NEED_CAPABILITY;
      case Errno.ENODEV ->
          "there is no interface "
              + interfaceName
              + " in this network namespace; look with: ip link show";
      case Errno.ENETDOWN -> "set the interface up first: ip link set " + interfaceName + " up";
      case Errno.EACCES, Errno.EOPNOTSUPP, Errno.EAFNOSUPPORT ->
          "IPv6 is off for this interface; switch it on (sysctl net.ipv6.conf."
              + interfaceName
              + ".disable_ipv6=0) or leave out the IPv6 addresses and routes";
      case Errno.ENOBUFS, Errno.ENOMEM -> "the kernel is short of memory; free some and retry";
      case Errno.EMFILE, Errno.ENFILE -> "raise the limit of open files (LimitNOFILE=, ulimit -n)";
      case Errno.EINVAL, Errno.ERANGE ->
          "the kernel finds a value out of range; check address, prefix, MTU and table";
      default -> "look with: ip -details address show dev " + interfaceName;
    };
  }
}
