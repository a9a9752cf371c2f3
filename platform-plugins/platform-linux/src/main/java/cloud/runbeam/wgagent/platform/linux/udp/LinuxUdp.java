package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.NativeScratch;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.netlink.RouteWatch;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens UDP sockets: family, options, mark, bind, in this order. A socket lives in the network
 * namespace of the thread that opens it. Any thread.
 */
public final class LinuxUdp implements UdpTransport.Provider {
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;

  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int SO_SNDTIMEO = 21;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SO_MARK = 36;
  private static final int IP_MTU_DISCOVER = 10;
  private static final int IP_PMTUDISC_DONT = 0;
  private static final int IPV6_V6ONLY = 26;
  private static final int IPV6_RECVPKTINFO = 49;

  /** What other implementations were found to need at 10 Gbit/s; the kernel doubles it. */
  private static final int BUFFER_BYTES = 7 * 1024 * 1024;

  /** How long a full socket buffer may hold a sender: back-pressure, but bounded. */
  private static final int SEND_TIMEOUT_US = 100_000;

  private static final String NOT_WANTED = "switched off by configuration";

  private final Supplier<SystemCalls> systemCalls;
  private final boolean ipv6Allowed;
  private final boolean offloadsAllowed;

  /** Opens sockets of the machine, with whatever offloads its kernel has. */
  public LinuxUdp() {
    this(SystemCalls::new, true, true);
  }

  /** Opens sockets of the machine, with or without trains. */
  public LinuxUdp(boolean offloadsAllowed) {
    this(SystemCalls::new, true, offloadsAllowed);
  }

  LinuxUdp(Supplier<SystemCalls> systemCalls, boolean ipv6Allowed, boolean offloadsAllowed) {
    this.systemCalls = systemCalls;
    this.ipv6Allowed = ipv6Allowed;
    this.offloadsAllowed = offloadsAllowed;
  }

  @Override
  public LinuxUdpTransport open(int port, int fwmark) throws IOException {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not in 0 to 65535");
    }
    String attempt = "cannot open UDP port " + port;
    SystemCalls calls = systemCalls.get();
    boolean ipv6 = ipv6Allowed;
    int descriptor =
        ipv6
            ? calls.socket(SocketAddress.AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)
            : -Errno.EAFNOSUPPORT;
    if (descriptor == -Errno.EAFNOSUPPORT) {
      ipv6 = false;
      descriptor = calls.socket(SocketAddress.AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    }
    if (descriptor < 0) {
      throw failure(attempt, "socket", -descriptor);
    }
    boolean done = false;
    try (NativeScratch scratch = new NativeScratch(64)) {
      Options options = new Options(calls, descriptor, scratch, attempt);
      configure(options, ipv6);
      if (fwmark != 0) {
        options.require("SO_MARK", SOL_SOCKET, SO_MARK, fwmark);
      }
      Offload receive = receiveOffload(options);
      Offload send = sendOffload(options);
      int localPort = bind(calls, descriptor, scratch, port, ipv6, attempt);
      LinuxUdpTransport transport =
          new LinuxUdpTransport(
              descriptor, ipv6, localPort, receive, send, watchRoutes(), fwmark, systemCalls);
      done = true;
      return transport;
    } finally {
      if (!done) {
        calls.close(descriptor);
      }
    }
  }

  private static void configure(Options options, boolean ipv6) throws IOException {
    if (ipv6) {
      options.require("IPV6_V6ONLY", ControlMessages.SOL_IPV6, IPV6_V6ONLY, 0);
      // For packets of both families: the address of an IPv4 packet comes in mapped form.
      options.require("IPV6_RECVPKTINFO", ControlMessages.SOL_IPV6, IPV6_RECVPKTINFO, 1);
    } else {
      options.require("IP_PKTINFO", ControlMessages.SOL_IP, ControlMessages.IP_PKTINFO, 1);
    }
    // As the kernel's WireGuard: let routers fragment rather than lose packets where their
    // complaints are filtered. For IPv4 only; IPv6 has no fragmenting routers.
    options.attempt(ControlMessages.SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    if (options.attempt(SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES) < 0) {
      options.attempt(SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
    }
    if (options.attempt(SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES) < 0) {
      options.attempt(SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
    }
    options.requireTime("SO_SNDTIMEO", SOL_SOCKET, SO_SNDTIMEO, SEND_TIMEOUT_US);
  }

  private Offload receiveOffload(Options options) {
    if (!offloadsAllowed) {
      return Offload.off(NOT_WANTED);
    }
    int result = options.attempt(ControlMessages.SOL_UDP, ControlMessages.UDP_GRO, 1);
    return result == 0
        ? Offload.on()
        : Offload.off("setsockopt UDP_GRO: " + Errno.describe(-result));
  }

  private Offload sendOffload(Options options) {
    if (!offloadsAllowed) {
      return Offload.off(NOT_WANTED);
    }
    // Setting the default of no segmentation changes nothing, but tells whether the option exists.
    int result = options.attempt(ControlMessages.SOL_UDP, ControlMessages.UDP_SEGMENT, 0);
    return result == 0
        ? Offload.on()
        : Offload.off("setsockopt UDP_SEGMENT: " + Errno.describe(-result));
  }

  private static int bind(
      SystemCalls calls,
      int descriptor,
      NativeScratch scratch,
      int port,
      boolean ipv6,
      String attempt)
      throws IOException {
    int length = SocketAddress.writeAny(scratch.memory(), 0, port, ipv6);
    int result = calls.bind(descriptor, scratch.address(0, length), length);
    if (result < 0) {
      throw failure(attempt, "bind", -result);
    }
    long lengthAddress = scratch.putInt(SocketAddress.STRIDE_BYTES, SocketAddress.STRIDE_BYTES);
    result =
        calls.getsockname(
            descriptor, scratch.address(0, SocketAddress.STRIDE_BYTES), lengthAddress);
    if (result < 0) {
      throw failure(attempt, "getsockname", -result);
    }
    return SocketAddress.port(scratch.memory(), 0);
  }

  /** Without netlink, sources are good until the kernel refuses them. */
  private static @Nullable RouteWatch watchRoutes() {
    try {
      return RouteWatch.open();
    } catch (IOException unavailable) {
      return null;
    }
  }

  /** Sets the mark of an open socket. */
  static void mark(SystemCalls calls, int descriptor, int fwmark) throws IOException {
    try (NativeScratch scratch = new NativeScratch(Long.BYTES)) {
      new Options(calls, descriptor, scratch, "cannot set the mark " + fwmark)
          .require("SO_MARK", SOL_SOCKET, SO_MARK, fwmark);
    }
  }

  private static IOException failure(String attempt, String call, int errno) {
    String advice =
        switch (errno) {
          case Errno.EADDRINUSE ->
              "another program has the port; choose another, or find it with: ss -lunp";
          case Errno.EACCES, Errno.EPERM ->
              "run as root or grant CAP_NET_ADMIN, and CAP_NET_BIND_SERVICE for ports below 1024";
          case Errno.EMFILE, Errno.ENFILE ->
              "raise the limit of open files (LimitNOFILE=, ulimit -n)";
          default -> "see udp(7) and ip(7)";
        };
    return new IOException(attempt + ": " + call + ": " + Errno.describe(errno) + ": " + advice);
  }

  /** Sets options of one socket, in the scratch behind the addresses. */
  private record Options(SystemCalls calls, int descriptor, NativeScratch scratch, String attempt) {
    private static final int VALUE_OFFSET = 0;
    private static final int TIMEVAL_BYTES = 16;
    private static final int MICROSECONDS_OFFSET = 8;

    int attempt(int level, int name, int value) {
      return calls.setsockopt(
          descriptor, level, name, scratch.putInt(VALUE_OFFSET, value), Integer.BYTES);
    }

    void require(String text, int level, int name, int value) throws IOException {
      int result = attempt(level, name, value);
      if (result < 0) {
        throw failure(attempt, "setsockopt " + text, -result);
      }
    }

    /** A time as struct timeval: seconds and microseconds, 64 bits each. */
    void requireTime(String text, int level, int name, int microseconds) throws IOException {
      scratch.clear();
      scratch.memory().set(ValueLayout.JAVA_LONG, MICROSECONDS_OFFSET, microseconds);
      int result =
          calls.setsockopt(
              descriptor, level, name, scratch.address(0, TIMEVAL_BYTES), TIMEVAL_BYTES);
      if (result < 0) {
        throw failure(attempt, "setsockopt " + text, -result);
      }
    }
  }
}
