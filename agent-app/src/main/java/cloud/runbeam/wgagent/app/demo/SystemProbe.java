package cloud.runbeam.wgagent.app.demo;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Echo requests through the operating system, as any program on this machine would send them:
 * routed into the TUN device by the kernel.
 *
 * <p>ICMP needs a raw socket. Where this process may not open one, the embedded host sends the
 * request instead and this machine's kernel answers; the packets cross the tunnel both ways either
 * way.
 */
final class SystemProbe implements EchoProbe {
  private static final int PAYLOAD_BYTES = 56;

  private final MemoryHost far;
  private final AtomicLong lastSequence = new AtomicLong();

  /** A probe of {@code far}. */
  SystemProbe(MemoryHost far) {
    this.far = far;
  }

  @Override
  public Optional<Duration> icmpEcho(DemoAddresses addresses, Duration timeout) {
    long answeredBefore = far.icmpAnswered();
    long sentNs = System.nanoTime();
    try {
      // The JDK sends an ICMP echo request where it may open a raw socket, and a TCP SYN otherwise.
      boolean reachable = addresses.farAddress().isReachable((int) timeout.toMillis());
      long answeredNs = System.nanoTime();
      if (far.icmpAnswered() == answeredBefore) {
        return far.icmpEcho(addresses, timeout);
      }
      return reachable ? Optional.of(Duration.ofNanos(answeredNs - sentNs)) : Optional.empty();
    } catch (IOException e) {
      // No route, or refused by a firewall of this machine: no answer, which is what the caller
      // counts.
      return Optional.empty();
    }
  }

  @Override
  public Optional<Duration> udpEcho(DemoAddresses addresses, Duration timeout) {
    byte[] sent =
        ByteBuffer.allocate(PAYLOAD_BYTES).putLong(lastSequence.incrementAndGet()).array();
    InetAddress near = addresses.nearAddress();
    InetSocketAddress echo =
        new InetSocketAddress(addresses.farAddress(), EchoMessage.UDP_ECHO_PORT);
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(near, 0))) {
      socket.connect(echo);
      socket.setSoTimeout((int) timeout.toMillis());
      long sentNs = System.nanoTime();
      socket.send(new DatagramPacket(sent, sent.length));
      DatagramPacket answer = new DatagramPacket(new byte[PAYLOAD_BYTES + 1], PAYLOAD_BYTES + 1);
      socket.receive(answer);
      long answeredNs = System.nanoTime();
      byte[] received = Arrays.copyOf(answer.getData(), answer.getLength());
      return Arrays.equals(sent, received)
          ? Optional.of(Duration.ofNanos(answeredNs - sentNs))
          : Optional.empty();
    } catch (IOException e) {
      // Timed out, no route, or refused: no answer.
      return Optional.empty();
    }
  }
}
