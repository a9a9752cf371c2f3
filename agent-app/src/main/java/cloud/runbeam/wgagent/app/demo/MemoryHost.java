package cloud.runbeam.wgagent.app.demo;

import cloud.runbeam.wgagent.engine.io.TunDevice;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A host that exists in memory only, behind a {@link MemoryTun}: it answers echo requests to its
 * addresses, and can send some itself.
 *
 * <pre>
 *   engine writes -> receive -> request to us:  reply -> tun.offer -> engine reads
 *                            -> reply to us:    whoever waits in icmpEcho or udpEcho
 *                            -> anything else:  ignored
 * </pre>
 *
 * <p>Packets arrive on the engine's inbound thread; the other methods may be called by any thread.
 */
final class MemoryHost implements EchoProbe {
  private static final int IDENTIFIER = 0xC0DE;
  private static final int PAYLOAD_BYTES = 56;

  private final List<InetAddress> addresses;
  private final MemoryTun tun;
  private final AtomicInteger lastSequence = new AtomicInteger();
  private final Map<Integer, CompletableFuture<Long>> waiting = new ConcurrentHashMap<>();
  private final LongAdder icmpAnswered = new LongAdder();
  private final LongAdder udpAnswered = new LongAdder();

  /**
   * A host.
   *
   * @param name its interface's name
   * @param addresses what it answers to; the addresses of this host
   */
  MemoryHost(String name, int mtuBytes, List<InetAddress> addresses) {
    this.addresses = List.copyOf(addresses);
    this.tun = new MemoryTun(name, mtuBytes, this::receive);
  }

  /** The interface to give to the engine, which closes it. */
  TunDevice tun() {
    return tun;
  }

  /** How many ICMP and ICMPv6 echo requests were answered. */
  long icmpAnswered() {
    return icmpAnswered.sum();
  }

  /** How many UDP echo requests were answered. */
  long udpAnswered() {
    return udpAnswered.sum();
  }

  private void receive(byte[] frame) {
    IpPacket packet = IpPacket.parse(frame);
    if (packet == null || !isOurs(packet.destination())) {
      return;
    }
    EchoMessage message = EchoMessage.parse(packet);
    if (message == null) {
      return;
    }
    if (message.request()) {
      (message.kind() == EchoMessage.Kind.ICMP ? icmpAnswered : udpAnswered).increment();
      tun.offer(
          message
              .reply()
              .toPacket(/* source= */ packet.destination(), /* destination= */ packet.source())
              .toBytes());
    } else if (message.identifier() == IDENTIFIER && message.data().length == PAYLOAD_BYTES) {
      long nowNs = System.nanoTime();
      CompletableFuture<Long> waiter = waiting.get(ByteBuffer.wrap(message.data()).getInt());
      if (waiter != null) {
        waiter.complete(nowNs);
      }
    }
  }

  private boolean isOurs(byte[] address) {
    return addresses.stream().anyMatch(own -> Arrays.equals(own.getAddress(), address));
  }

  /** Asks the other end of the tunnel, whichever of the two addresses is not ours. */
  @Override
  public Optional<Duration> icmpEcho(DemoAddresses between, Duration timeout) {
    return echo(EchoMessage.Kind.ICMP, between, timeout);
  }

  @Override
  public Optional<Duration> udpEcho(DemoAddresses between, Duration timeout) {
    return echo(EchoMessage.Kind.UDP, between, timeout);
  }

  private Optional<Duration> echo(EchoMessage.Kind kind, DemoAddresses between, Duration timeout) {
    boolean weAreNear = addresses.contains(between.nearAddress());
    byte[] near = between.nearAddress().getAddress();
    byte[] far = between.farAddress().getAddress();
    byte[] source = weAreNear ? near : far;
    byte[] destination = weAreNear ? far : near;
    int sequence = lastSequence.incrementAndGet();
    CompletableFuture<Long> answered = new CompletableFuture<>();
    waiting.put(sequence, answered);
    try {
      byte[] data = ByteBuffer.allocate(PAYLOAD_BYTES).putInt(sequence).array();
      EchoMessage request =
          new EchoMessage(
              kind, true, IDENTIFIER, kind == EchoMessage.Kind.UDP ? 0 : sequence & 0xFFFF, data);
      byte[] packet = request.toPacket(source, destination).toBytes();
      long sentNs = System.nanoTime();
      tun.offer(packet);
      long answeredNs = answered.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return Optional.of(Duration.ofNanos(answeredNs - sentNs));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a waiting echo only ever completes with a time", e);
    } finally {
      waiting.remove(sequence);
    }
  }
}
