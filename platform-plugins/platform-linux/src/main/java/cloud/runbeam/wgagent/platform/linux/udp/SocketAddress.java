package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Socket addresses (netinet/in.h) as the kernel reads and writes them; addresses and ports in
 * network order, the rest in host order.
 *
 * <pre>
 *   sockaddr_in    0      2    4        8       16
 *                 |family|port|address |zero   |
 *
 *   sockaddr_in6   0      2    4        8            24    28
 *                 |family|port|flowinfo|address 16  |scope|
 * </pre>
 */
final class SocketAddress {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  private static final long FAMILY_OFFSET = 0;
  private static final long PORT_OFFSET = 2;
  private static final long IPV4_ADDRESS_OFFSET = 4;
  private static final long FLOWINFO_OFFSET = 4;
  private static final long IPV6_ADDRESS_OFFSET = 8;
  private static final long SCOPE_OFFSET = 24;

  static final int IPV4_BYTES = 16;
  static final int IPV6_BYTES = 28;

  /** Room for either, a multiple of 8. */
  static final int STRIDE_BYTES = 32;

  private static final ValueLayout.OfShort HOST_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt HOST_INT = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfShort NET_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfInt NET_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong NET_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Lower half of an IPv4-mapped IPv6 address before the 32 address bits are added. */
  static final long IPV4_MAPPED = 0x0000_FFFF_0000_0000L;

  private SocketAddress() {}

  /**
   * Writes the remote side of {@code endpoint} at {@code at}.
   *
   * @param ipv6Socket whether the socket is of family AF_INET6; otherwise the endpoint must be IPv4
   * @return the length of the address
   */
  static int writeRemote(MemorySegment memory, long at, Endpoint endpoint, boolean ipv6Socket) {
    memory.set(NET_SHORT, at + PORT_OFFSET, (short) endpoint.port());
    if (!ipv6Socket) {
      memory.set(HOST_SHORT, at + FAMILY_OFFSET, (short) AF_INET);
      memory.set(NET_INT, at + IPV4_ADDRESS_OFFSET, (int) endpoint.addressLow());
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at + 8, 0L);
      return IPV4_BYTES;
    }
    memory.set(HOST_SHORT, at + FAMILY_OFFSET, (short) AF_INET6);
    memory.set(HOST_INT, at + FLOWINFO_OFFSET, 0);
    memory.set(NET_LONG, at + IPV6_ADDRESS_OFFSET, endpoint.addressHigh());
    memory.set(NET_LONG, at + IPV6_ADDRESS_OFFSET + 8, endpoint.addressLow());
    memory.set(HOST_INT, at + SCOPE_OFFSET, endpoint.scopeId());
    return IPV6_BYTES;
  }

  /** Writes "any address" with a port, to bind to; the length. */
  static int writeAny(MemorySegment memory, long at, int port, boolean ipv6Socket) {
    memory.asSlice(at, IPV6_BYTES).fill((byte) 0);
    memory.set(HOST_SHORT, at + FAMILY_OFFSET, (short) (ipv6Socket ? AF_INET6 : AF_INET));
    memory.set(NET_SHORT, at + PORT_OFFSET, (short) port);
    return ipv6Socket ? IPV6_BYTES : IPV4_BYTES;
  }

  static int family(MemorySegment memory, long at) {
    return memory.get(HOST_SHORT, at + FAMILY_OFFSET);
  }

  static int port(MemorySegment memory, long at) {
    return Short.toUnsignedInt(memory.get(NET_SHORT, at + PORT_OFFSET));
  }

  /** Upper 64 bits of the address in {@link Endpoint}'s form. */
  static long addressHigh(MemorySegment memory, long at) {
    return family(memory, at) == AF_INET6 ? memory.get(NET_LONG, at + IPV6_ADDRESS_OFFSET) : 0;
  }

  /** Lower 64 bits of the address in {@link Endpoint}'s form. */
  static long addressLow(MemorySegment memory, long at) {
    return family(memory, at) == AF_INET6
        ? memory.get(NET_LONG, at + IPV6_ADDRESS_OFFSET + 8)
        : IPV4_MAPPED | Integer.toUnsignedLong(memory.get(NET_INT, at + IPV4_ADDRESS_OFFSET));
  }

  static int scopeId(MemorySegment memory, long at) {
    return family(memory, at) == AF_INET6 ? memory.get(HOST_INT, at + SCOPE_OFFSET) : 0;
  }
}
