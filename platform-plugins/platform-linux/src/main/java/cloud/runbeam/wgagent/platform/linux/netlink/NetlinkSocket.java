package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.NativeScratch;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.util.ArrayList;
import java.util.List;

/**
 * A routing netlink socket, in the network namespace that the thread which opens it is in at that
 * moment; it stays there whatever the thread does. One thread at a time.
 */
public final class NetlinkSocket implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int NETLINK_ROUTE = 0;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_ADD_MEMBERSHIP = 1;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int NETLINK_GET_STRICT_CHK = 12;
  private static final int ADDRESS_BYTES = 12;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_TRUNC = 0x20;

  // The kernel fills at most 32 KiB per recv of a dump (netlink_dump in af_netlink.c).
  private static final int RECEIVE_BYTES = 64 * 1024;
  // A dump that changed while it was read is repeated; on a busy router not for ever.
  private static final int DUMP_ATTEMPTS = 5;

  private final SystemCalls calls = new SystemCalls();
  private final NativeScratch scratch = new NativeScratch(RECEIVE_BYTES);
  private final int descriptor;
  private int sequence;

  private NetlinkSocket(int descriptor) {
    this.descriptor = descriptor;
  }

  /** A socket for requests, which hears the events of {@code groups} too. */
  public static NetlinkSocket open(int... groups) throws NetlinkException {
    SystemCalls calls = SystemCalls.ofThread();
    int descriptor = calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (descriptor < 0) {
      throw new NetlinkException("socket AF_NETLINK", -descriptor, "");
    }
    NetlinkSocket socket = new NetlinkSocket(descriptor);
    // Both only make errors say more; kernels before 4.12 have one of them only.
    socket.option(NETLINK_CAP_ACK, 1);
    socket.option(NETLINK_EXT_ACK, 1);
    try {
      socket.bind();
      for (int group : groups) {
        socket.join(group);
      }
    } catch (NetlinkException failure) {
      socket.close();
      throw failure;
    }
    return socket;
  }

  /**
   * Lets the kernel give the socket an address. Without one it would hear no events: those of the
   * kernel are not delivered to their sender, whose address is 0.
   */
  private void bind() throws NetlinkException {
    // struct sockaddr_nl: family 16, pad 16, port 32, groups 32.
    scratch.clear();
    scratch.putShort(0, (short) AF_NETLINK);
    int result = calls.bind(descriptor, scratch.address(0, ADDRESS_BYTES), ADDRESS_BYTES);
    if (result < 0) {
      throw new NetlinkException("bind to netlink", -result, "");
    }
  }

  private void join(int group) throws NetlinkException {
    int result = option(NETLINK_ADD_MEMBERSHIP, group);
    if (result < 0) {
      throw new NetlinkException("setsockopt NETLINK_ADD_MEMBERSHIP", -result, "");
    }
  }

  private int option(int name, int value) {
    return calls.setsockopt(descriptor, SOL_NETLINK, name, scratch.putInt(0, value), Integer.BYTES);
  }

  /**
   * Asks the kernel to heed what a dump request says about the table; before 4.20 it does not know
   * how, and the answer is to be filtered.
   */
  void askStrictly() {
    option(NETLINK_GET_STRICT_CHK, 1);
  }

  /** The descriptor, for polling. */
  public int descriptor() {
    return descriptor;
  }

  /** Sends a request whose answer arrives through {@link #receive}. */
  void send(NetlinkRequest request) throws NetlinkException {
    byte[] bytes = request.encode(++sequence);
    long result = calls.write(descriptor, scratch.put(0, bytes), bytes.length);
    if (result < 0) {
      throw new NetlinkException("send to netlink", (int) -result, "");
    }
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @return the messages of the answer, without the acknowledgement
   * @throws NetlinkException with the kernel's errno and words when it refuses
   */
  List<NetlinkMessage> ask(NetlinkRequest request) throws NetlinkException {
    for (int attempt = 1; ; attempt++) {
      send(request);
      List<NetlinkMessage> answer = new ArrayList<>();
      boolean whole = collect(answer);
      if (whole || attempt == DUMP_ATTEMPTS) {
        return answer;
      }
    }
  }

  /** Collects an answer up to its end; false if the tables changed while they were dumped. */
  private boolean collect(List<NetlinkMessage> answer) throws NetlinkException {
    boolean whole = true;
    while (true) {
      for (NetlinkMessage message : receive(true)) {
        if (message.sequence() != sequence) {
          continue;
        }
        whole &= (message.flags() & Rtnetlink.NLM_F_DUMP_INTR) == 0;
        switch (message.type()) {
          case Rtnetlink.NLMSG_ERROR -> {
            if (message.errno() != 0) {
              throw new NetlinkException(
                  "rtnetlink", message.errno(), message.errorText().orElse(""));
            }
            return whole;
          }
          case Rtnetlink.NLMSG_DONE -> {
            if (message.errno() > 0) {
              throw new NetlinkException("rtnetlink dump", message.errno(), "");
            }
            return whole;
          }
          case Rtnetlink.NLMSG_NOOP -> {}
          default -> answer.add(message);
        }
      }
    }
  }

  /**
   * The messages of one {@code recv}.
   *
   * @param block whether to wait for some; otherwise none is an empty list
   * @throws NetlinkException with ENOBUFS when events were lost
   */
  List<NetlinkMessage> receive(boolean block) throws NetlinkException {
    int flags = MSG_TRUNC | (block ? 0 : MSG_DONTWAIT);
    while (true) {
      long result = calls.recv(descriptor, scratch.address(0, RECEIVE_BYTES), RECEIVE_BYTES, flags);
      if (result == -Errno.EINTR) {
        continue;
      }
      if (result == -Errno.EAGAIN && !block) {
        return List.of();
      }
      if (result < 0) {
        throw new NetlinkException("receive from netlink", (int) -result, "");
      }
      if (result > RECEIVE_BYTES) {
        throw new NetlinkException("receive from netlink", Errno.EMSGSIZE, "message cut short");
      }
      return NetlinkMessage.parse(scratch.get(0, (int) result));
    }
  }

  @Override
  public void close() {
    int result = calls.close(descriptor);
    scratch.close();
    if (result == -Errno.EBADF) {
      throw new IllegalStateException("netlink socket closed twice");
    }
  }
}
