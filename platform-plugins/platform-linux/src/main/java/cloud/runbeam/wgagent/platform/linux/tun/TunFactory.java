package cloud.runbeam.wgagent.platform.linux.tun;

import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.NativeScratch;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.ffi.WakeUp;
import cloud.runbeam.wgagent.platform.linux.netlink.Link;
import cloud.runbeam.wgagent.platform.linux.netlink.LinkEvents;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkException;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkInterfaces;
import cloud.runbeam.wgagent.platform.linux.netlink.Refusal;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Makes TUN devices: opens the control file, attaches a new device, switches offloads on,
 * subscribes to its news, sets the MTU. Whatever fails, nothing is left behind. Any thread; the
 * device appears in the network namespace of the thread that asks.
 */
public final class TunFactory {
  /** The file that every TUN device begins as. */
  public static final String CONTROL_FILE = "/dev/net/tun";

  private static final int O_RDWR = 2;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_=+.-]{1,15}");
  // The smallest MTU that IPv4 hosts must take (RFC 791); the largest that IP can express.
  private static final int SMALLEST_MTU_BYTES = 576;
  private static final int LARGEST_MTU_BYTES = 65_535;

  private final String controlFile;
  private final Supplier<SystemCalls> systemCalls;

  /** Makes devices of the machine. */
  public TunFactory() {
    this(CONTROL_FILE, SystemCalls::new);
  }

  TunFactory(String controlFile, Supplier<SystemCalls> systemCalls) {
    this.controlFile = controlFile;
    this.systemCalls = systemCalls;
  }

  /**
   * Creates a device, link down.
   *
   * @param name 1 to 15 characters of {@code [A-Za-z0-9_=+.-]}
   * @param mtuBytes initial MTU, 576 to 65,535
   */
  public LinuxTun create(String name, int mtuBytes, TunOptions options) throws PlatformException {
    String attempt = "cannot create TUN device " + name;
    check(attempt, name, mtuBytes);
    SystemCalls calls = systemCalls.get();
    int descriptor =
        calls.open(NativeScratch.cString(controlFile), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
      throw openRefused(attempt, -descriptor);
    }
    Closer closer = new Closer();
    closer.add(() -> calls.close(descriptor));
    try {
      TunOffload offload = attach(calls, descriptor, attempt, name, options);
      new NetlinkInterfaces().setMtu(name, mtuBytes);
      LinkEvents events = LinkEvents.open();
      closer.add(events::close);
      Link link = events.find(name);
      WakeUp readerWakeUp = WakeUp.create();
      closer.add(readerWakeUp::close);
      WakeUp watchWakeUp = WakeUp.create();
      closer.add(watchWakeUp::close);
      LinuxTun tun =
          new LinuxTun(descriptor, link, events, readerWakeUp, watchWakeUp, offload, systemCalls);
      closer.forget();
      return tun;
    } catch (NetlinkException refusal) {
      throw Refusal.of(attempt, refusal, name);
    } catch (IOException failure) {
      throw new PlatformException(
          attempt,
          String.valueOf(failure.getMessage()),
          "raise the limit of open files (LimitNOFILE=, ulimit -n)");
    } finally {
      closer.run();
    }
  }

  /**
   * What the driver offers, asked without making a device. Whether UDP super-packets are part of it
   * shows only on a device.
   */
  public OffloadState offered(TunOptions options) {
    if (!options.offloads()) {
      return TunOffload.NOT_WANTED.state();
    }
    SystemCalls calls = systemCalls.get();
    int descriptor =
        calls.open(NativeScratch.cString(controlFile), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
      return new OffloadState(
          OffloadState.TUN, false, "open " + controlFile + ": " + Errno.describe(-descriptor));
    }
    try {
      return (TunIoctl.features(calls, descriptor) & TunIoctl.IFF_VNET_HDR) == 0
          ? TunOffload.NONE.state()
          : new OffloadState(
              OffloadState.TUN, true, "TCP super-packets, and UDP ones from Linux 6.2 on");
    } finally {
      calls.close(descriptor);
    }
  }

  private static void check(String attempt, String name, int mtuBytes) throws PlatformException {
    if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new PlatformException(
          attempt,
          "the kernel would not take this name",
          "choose 1 to 15 characters of A-Z a-z 0-9 _ = + . -");
    }
    if (mtuBytes < SMALLEST_MTU_BYTES || mtuBytes > LARGEST_MTU_BYTES) {
      throw new PlatformException(
          attempt,
          "MTU " + mtuBytes + " is out of range",
          "choose an MTU of " + SMALLEST_MTU_BYTES + " to " + LARGEST_MTU_BYTES + " bytes");
    }
  }

  private PlatformException openRefused(String attempt, int errno) {
    String advice =
        switch (errno) {
          case Errno.ENOENT ->
              "load the module (modprobe tun); in a container pass the file in (--device "
                  + controlFile
                  + ")";
          case Errno.ENODEV, Errno.ENXIO ->
              "this kernel has no TUN driver loaded: modprobe tun, or CONFIG_TUN";
          case Errno.EACCES, Errno.EPERM ->
              "run as root, or let this user read and write "
                  + controlFile
                  + " (in a container: --device "
                  + controlFile
                  + ")";
          case Errno.EMFILE, Errno.ENFILE ->
              "raise the limit of open files (LimitNOFILE=, ulimit -n)";
          default -> "look at the file: ls -l " + controlFile;
        };
    return new PlatformException(
        attempt, "open " + controlFile + ": " + Errno.describe(errno), advice);
  }

  private static TunOffload attach(
      SystemCalls calls, int descriptor, String attempt, String name, TunOptions options)
      throws PlatformException {
    int flags = TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI | TunIoctl.IFF_TUN_EXCL;
    int result = -Errno.EINVAL;
    if (options.offloads()) {
      result = TunIoctl.attach(calls, descriptor, name, flags | TunIoctl.IFF_VNET_HDR);
      if (result >= 0) {
        return switchOffloadsOn(calls, descriptor);
      }
    }
    if (result == -Errno.EINVAL) {
      result = TunIoctl.attach(calls, descriptor, name, flags);
    }
    if (result < 0) {
      String advice =
          switch (-result) {
            case Errno.EPERM, Errno.EACCES -> Refusal.NEED_CAPABILITY;
            case Errno.EBUSY, Errno.EEXIST ->
                "the name is taken; choose another, or end what holds it (ip link show "
                    + name
                    + "; ip link delete "
                    + name
                    + ")";
            case Errno.EINVAL ->
                "the name is reserved or the TUN driver too old; choose another name";
            default -> "look at the kernel's log: dmesg";
          };
      throw new PlatformException(attempt, "ioctl TUNSETIFF: " + Errno.describe(-result), advice);
    }
    return options.offloads() ? TunOffload.NONE : TunOffload.NOT_WANTED;
  }

  private static TunOffload switchOffloadsOn(SystemCalls calls, int descriptor) {
    int tcp = TunIoctl.TUN_F_CSUM | TunIoctl.TUN_F_TSO4 | TunIoctl.TUN_F_TSO6;
    int udp = TunIoctl.TUN_F_USO4 | TunIoctl.TUN_F_USO6;
    if (calls.ioctl(descriptor, TunIoctl.TUNSETOFFLOAD, tcp | udp) >= 0) {
      return TunOffload.TCP_AND_UDP;
    }
    return calls.ioctl(descriptor, TunIoctl.TUNSETOFFLOAD, tcp) >= 0
        ? TunOffload.TCP
        : TunOffload.TOWARDS_HOST;
  }

  /** What a creation that fails half way takes back, the last thing first. */
  private static final class Closer {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    void add(Runnable step) {
      steps.push(step);
    }

    void forget() {
      steps.clear();
    }

    void run() {
      steps.forEach(Runnable::run);
    }
  }
}
