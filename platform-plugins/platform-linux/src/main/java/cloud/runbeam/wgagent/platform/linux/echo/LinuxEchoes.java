package cloud.runbeam.wgagent.platform.linux.echo;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.Echoes;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.NativeScratch;
import cloud.runbeam.wgagent.platform.linux.ffi.PollSet;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Echo over a datagram socket of ICMP where the system lets this process have one ({@code
 * net.ipv4.ping_group_range}), otherwise over a raw one (CAP_NET_RAW). Packets leave with "don't
 * fragment" and whatever path MTU the kernel believes in ({@code IP_PMTUDISC_PROBE}, ip(7)). Any
 * thread.
 */
public final class LinuxEchoes implements Echoes {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int IPPROTO_IP = 0;
  private static final int IPPROTO_ICMP = 1;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPPROTO_ICMPV6 = 58;
  private static final int SOL_SOCKET = 1;
  private static final int SO_BINDTODEVICE = 25;
  private static final int IP_MTU_DISCOVER = 10;
  private static final int IPV6_MTU_DISCOVER = 23;
  private static final int PMTUDISC_PROBE = 3;
  private static final int MSG_DONTWAIT = 0x40;

  private static final int MIN_PACKET_BYTES = 64;
  private static final int MAX_PACKET_BYTES = 65_535;
  private static final int SCRATCH_BYTES = 64 * 1024 + 64;
  private static final long NS_PER_MS = 1_000_000;

  private final AtomicInteger sequence = new AtomicInteger();

  /** Holds nothing open. */
  public LinuxEchoes() {}

  @Override
  public Reply ask(String interfaceName, IpPrefix address, int packetBytes, Duration timeout)
      throws PlatformException {
    if (packetBytes < MIN_PACKET_BYTES || packetBytes > MAX_PACKET_BYTES) {
      throw new IllegalArgumentException("a packet of " + packetBytes + " bytes");
    }
    String attempt = "cannot probe " + address.addressText() + " through " + interfaceName;
    SystemCalls calls = SystemCalls.ofThread();
    int family = address.ipv6() ? AF_INET6 : AF_INET;
    int protocol = address.ipv6() ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
    boolean raw = false;
    int descriptor = calls.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) {
      raw = true;
      descriptor = calls.socket(family, SOCK_RAW | SOCK_CLOEXEC, protocol);
    }
    if (descriptor < 0) {
      throw new PlatformException(
          attempt,
          "socket for ICMP: " + Errno.describe(-descriptor),
          "grant CAP_NET_RAW, or let this user ping: sysctl net.ipv4.ping_group_range=\"0"
              + " 2147483647\"");
    }
    try (NativeScratch scratch = new NativeScratch(SCRATCH_BYTES)) {
      prepare(calls, scratch, descriptor, interfaceName, address.ipv6(), attempt);
      int connected = connect(calls, scratch, descriptor, address);
      if (connected < 0) {
        return failed(-connected);
      }
      long cookie = (long) calls.randomInt() << 32 | (calls.randomInt() & 0xFFFF_FFFFL);
      EchoPacket packet = new EchoPacket(address.ipv6(), sequence.incrementAndGet(), cookie);
      return exchange(
          calls, scratch, descriptor, packet, packetBytes, raw && !address.ipv6(), timeout);
    } finally {
      calls.close(descriptor);
    }
  }

  private static void prepare(
      SystemCalls calls,
      NativeScratch scratch,
      int descriptor,
      String interfaceName,
      boolean ipv6,
      String attempt)
      throws PlatformException {
    byte[] name = interfaceName.getBytes(StandardCharsets.US_ASCII);
    int bound =
        calls.setsockopt(
            descriptor, SOL_SOCKET, SO_BINDTODEVICE, scratch.put(0, name), name.length);
    if (bound < 0) {
      throw new PlatformException(
          attempt,
          "setsockopt SO_BINDTODEVICE: " + Errno.describe(-bound),
          bound == -Errno.ENODEV ? "see whether the interface is up" : "grant CAP_NET_RAW");
    }
    int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    int option = ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER;
    long value = scratch.putInt(0, PMTUDISC_PROBE);
    int probing = calls.setsockopt(descriptor, level, option, value, Integer.BYTES);
    if (probing < 0) {
      throw new PlatformException(
          attempt,
          "setsockopt IP_MTU_DISCOVER: " + Errno.describe(-probing),
          "leave probe out of the peer");
    }
  }

  /**
   * struct sockaddr_in: family, port, address; struct sockaddr_in6 has flow information between.
   */
  private static int connect(
      SystemCalls calls, NativeScratch scratch, int descriptor, IpPrefix address) {
    ByteBuffer bytes = ByteBuffer.allocate(address.ipv6() ? 28 : 16);
    int family = address.ipv6() ? AF_INET6 : AF_INET;
    bytes.order(ByteOrder.nativeOrder()).putShort(0, (short) family).order(ByteOrder.BIG_ENDIAN);
    if (address.ipv6()) {
      bytes.putLong(8, address.high()).putLong(16, address.low());
    } else {
      bytes.putInt(4, (int) (address.high() >>> 32));
    }
    return calls.connect(descriptor, scratch.put(0, bytes.array()), bytes.capacity());
  }

  private static Reply exchange(
      SystemCalls calls,
      NativeScratch scratch,
      int descriptor,
      EchoPacket packet,
      int packetBytes,
      boolean withIpv4Header,
      Duration timeout) {
    byte[] request = packet.request(packetBytes);
    long sentNs = System.nanoTime();
    long sent = calls.write(descriptor, scratch.put(0, request), request.length);
    if (sent < 0) {
      return failed((int) -sent);
    }
    try (PollSet poll = new PollSet(descriptor)) {
      while (true) {
        long leftMs = (timeout.toNanos() - (System.nanoTime() - sentNs)) / NS_PER_MS;
        if (leftMs <= 0) {
          return Reply.without(Outcome.LOST);
        }
        poll.await(calls, (int) Math.min(leftMs, Integer.MAX_VALUE));
        long received =
            calls.recv(descriptor, scratch.address(0, SCRATCH_BYTES), SCRATCH_BYTES, MSG_DONTWAIT);
        if (received >= 0) {
          if (packet.isAnsweredBy(scratch.get(0, (int) received), withIpv4Header)) {
            return new Reply(Outcome.ANSWERED, Duration.ofNanos(System.nanoTime() - sentNs));
          }
        } else if (received != -Errno.EAGAIN && received != -Errno.EINTR) {
          return failed((int) -received);
        }
      }
    }
  }

  private static Reply failed(int errno) {
    return Reply.without(errno == Errno.EMSGSIZE ? Outcome.TOO_LARGE : Outcome.UNREACHABLE);
  }
}
