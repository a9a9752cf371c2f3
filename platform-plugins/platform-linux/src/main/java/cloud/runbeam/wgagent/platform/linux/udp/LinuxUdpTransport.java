package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SharedDescriptor;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.netlink.RouteWatch;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bound UDP socket.
 *
 * <pre>
 *   receive: datagrams that did not fit last time -> recvmmsg, waiting for the first
 *            -> each message cut into the datagrams it consists of -> again without waiting, if full
 *   close:   refuse new users -> shutdown(2), which wakes a blocked receive -> the last user closes
 * </pre>
 */
public final class LinuxUdpTransport implements UdpTransport {
  private static final int SHUT_RDWR = 2;

  /**
   * How long {@link #close} waits for receiver and senders to come out, so that the port is free.
   */
  private static final long CLOSE_PATIENCE_MS = 1_000;

  private final SharedDescriptor descriptor;
  private final boolean ipv6;
  private final int localPort;
  private final Offload receiveOffload;
  private final Offload sendOffload;
  private final @Nullable RouteWatch routes;
  private volatile int fwmark;
  private final Supplier<SystemCalls> systemCalls;
  private final Receiver receiver;

  LinuxUdpTransport(
      int number,
      boolean ipv6,
      int localPort,
      Offload receiveOffload,
      Offload sendOffload,
      @Nullable RouteWatch routes,
      int fwmark,
      Supplier<SystemCalls> systemCalls) {
    this.ipv6 = ipv6;
    this.localPort = localPort;
    this.receiveOffload = receiveOffload;
    this.sendOffload = sendOffload;
    this.routes = routes;
    this.fwmark = fwmark;
    this.systemCalls = systemCalls;
    this.descriptor = new SharedDescriptor(number, this::release);
    this.receiver = new Receiver(descriptor, systemCalls.get());
  }

  @Override
  public int localPort() {
    return localPort;
  }

  /** Whether the socket carries both families; otherwise only IPv4. */
  public boolean hasIpv6() {
    return ipv6;
  }

  @Override
  public List<OffloadState> offloads() {
    return List.of(
        receiveOffload.state(OffloadState.UDP_RECEIVE), sendOffload.state(OffloadState.UDP_SEND));
  }

  /** Whether trains are received ({@code UDP_GRO}): {@code on}, or {@code off: } and why. */
  public String receiveOffload() {
    return receiveOffload.toString();
  }

  /** Whether trains are sent ({@code UDP_SEGMENT}): {@code on}, or {@code off: } and why. */
  public String sendOffload() {
    return sendOffload.toString();
  }

  /** Received messages that nobody could answer or that came cut short. */
  public long discarded() {
    return receiver.discarded();
  }

  @Override
  public void setFwmark(int fwmark) throws IOException {
    if (!descriptor.enter()) {
      throw new IOException("UDP port " + localPort + " is closed");
    }
    try {
      LinuxUdp.mark(SystemCalls.ofThread(), descriptor.number(), fwmark);
      this.fwmark = fwmark;
    } finally {
      descriptor.leave();
    }
  }

  @Override
  public int receive(DatagramBatch batch) throws IOException {
    batch.clear();
    if (!descriptor.enter()) {
      return -1;
    }
    try {
      return receiver.receive(batch);
    } finally {
      descriptor.leave();
    }
  }

  @Override
  public Sender newSender() {
    SourceChecks sources = new SourceChecks(routes, () -> fwmark);
    return new LinuxUdpSender(descriptor, ipv6, sendOffload, sources, systemCalls.get());
  }

  @Override
  public void close() {
    if (!descriptor.beginClose()) {
      return;
    }
    // ENOTCONN is its answer for an unconnected socket, after it has done its work.
    int result = SystemCalls.ofThread().shutdown(descriptor.number(), SHUT_RDWR);
    if (result < 0 && result != -Errno.ENOTCONN) {
      throw new IllegalStateException("shutdown of a UDP socket: " + Errno.describe(-result));
    }
    descriptor.finishClose(CLOSE_PATIENCE_MS);
  }

  /** Run by the last user: nobody is inside any more. */
  private void release() {
    SystemCalls.ofThread().close(descriptor.number());
    receiver.close();
    if (routes != null) {
      routes.close();
    }
  }

  @Override
  public String toString() {
    return "UDP port " + localPort;
  }
}
