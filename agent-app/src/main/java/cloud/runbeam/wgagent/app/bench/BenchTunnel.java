package cloud.runbeam.wgagent.app.bench;

import cloud.runbeam.wgagent.app.bench.BenchReport.Crossing;
import cloud.runbeam.wgagent.app.bench.BenchReport.PathFigure;
import cloud.runbeam.wgagent.app.device.BareDevice;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.IpText;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Two devices of one engine and a session between them.
 *
 * <pre>
 *   Flow -> BenchTun near -> seal ))) UDP over 127.0.0.1 ((( open -> BenchTun far -> Flow
 * </pre>
 */
final class BenchTunnel implements AutoCloseable {
  private static final int LOOPBACK = 127 << 24 | 1;
  private static final long PROBE_TIMEOUT_MS = 500;
  private static final int PROBES_BEFORE_FAILURE = 12;
  private static final long PORT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
  private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final double WARM_UP = 0.4;

  private final PlatformPlugin platform;
  private final Frames frames;
  private final Flow flow = new Flow();
  private final Flow unused = new Flow();
  private final WireGuardEngine engine;
  private final WireGuardDevice near;
  private final WireGuardDevice far;

  BenchTunnel(PlatformPlugin platform, Frames frames) throws DeviceException, PlatformException {
    this.platform = platform;
    this.frames = frames;
    this.engine = WireGuardEngine.start(BareDevice.ports(platform, TimestampStore.NONE));
    this.near = engine.open(new BenchTun("bench-near", frames, flow, unused));
    this.far = engine.open(new BenchTun("bench-far", frames, unused, flow));
    try {
      introduce();
    } catch (DeviceException | PlatformException e) {
      engine.close();
      throw e;
    }
  }

  private void introduce() throws DeviceException, PlatformException {
    SecretKey nearKey = freshKey();
    SecretKey farKey = freshKey();
    PublicKey nearPublic = nearKey.publicKey();
    PublicKey farPublic = farKey.publicKey();
    far.apply(change(farKey, peer(nearPublic, Frames.SOURCE, Optional.empty())));
    Endpoint endpoint = Endpoint.ipv4(LOOPBACK, awaitPort(far));
    near.apply(change(nearKey, peer(farPublic, Frames.DESTINATION, Optional.of(endpoint))));
    awaitPort(near);
    awaitSession();
  }

  private SecretKey freshKey() {
    SecretKey key = engine.keys().allocate();
    platform.entropy().fill(key.bytes());
    key.clamp();
    return key;
  }

  private static PeerChange peer(PublicKey key, int address, Optional<Endpoint> endpoint) {
    return new PeerChange(
        key,
        false,
        false,
        Optional.empty(),
        endpoint,
        Optional.empty(),
        true,
        List.of(IpPrefix.parse(IpText.ipv4(address) + "/32")),
        List.of());
  }

  private static DeviceChange change(SecretKey key, PeerChange peer) {
    return new DeviceChange(
        Optional.of(key), Optional.of(0), Optional.empty(), true, List.of(peer));
  }

  /** The engine opens sockets on another thread, a moment after it was asked. */
  private static int awaitPort(WireGuardDevice device) throws PlatformException {
    long startNs = System.nanoTime();
    DeviceSnapshot snapshot = device.snapshot();
    while (!snapshot.up() || snapshot.listenPort() == 0) {
      if (System.nanoTime() - startNs > PORT_TIMEOUT_NS) {
        throw new PlatformException(
            "cannot open a UDP socket",
            snapshot.problem().orElse("it did not open within 5 s"),
            "see whether this host allows UDP sockets");
      }
      LockSupport.parkNanos(POLL_NS);
      snapshot = device.snapshot();
    }
    return snapshot.listenPort();
  }

  private void awaitSession() throws PlatformException {
    for (int i = 0; i < PROBES_BEFORE_FAILURE; i++) {
      if (probe().isPresent()) {
        return;
      }
    }
    throw new PlatformException(
        "cannot measure a tunnel over 127.0.0.1",
        "no packet came through; dropped: " + near.snapshot().drops() + far.snapshot().drops(),
        "see whether a firewall blocks UDP on the loopback interface");
  }

  private OptionalLong probe() throws PlatformException {
    try {
      return flow.probe(PROBE_TIMEOUT_MS);
    } catch (IOException e) {
      throw interrupted(e);
    }
  }

  private static PlatformException interrupted(IOException e) {
    return new PlatformException("cannot measure a tunnel", e.toString(), "run it again");
  }

  /** What the kernel does for the devices' sockets. */
  List<OffloadState> offloads() {
    return near.snapshot().offloads();
  }

  /** Sends packets one by one for the given time. */
  Crossing crossing(long budgetNs) throws PlatformException {
    long startNs = System.nanoTime();
    long[] times = new long[100_000];
    int count = 0;
    while (count < times.length && (count == 0 || System.nanoTime() - startNs < budgetNs)) {
      OptionalLong time = probe();
      if (time.isPresent()) {
        times[count++] = time.getAsLong();
      }
    }
    // The first half belongs to the compiler.
    long[] counted = Arrays.copyOfRange(times, count / 2, count);
    Arrays.sort(counted);
    return new Crossing(
        counted[counted.length / 2] / 1e3, counted[(int) (counted.length * 0.99)] / 1e3);
  }

  /** Sends as much as arrives for the given time. */
  PathFigure flood(long budgetNs) {
    flow.flood();
    rest((long) (budgetNs * WARM_UP));
    Reading before = read();
    rest((long) (budgetNs * (1 - WARM_UP)));
    Reading after = read();
    long lostBytes = flow.lostBytes();
    flow.stop();
    double seconds = (after.ns - before.ns) / 1e9;
    // A stalled tunnel shows as zeros and losses rather than as a division by zero.
    long bytes = Math.max(1, after.payloadBytes - before.payloadBytes);
    long packets = Math.max(1, after.packets - before.packets);
    return new PathFigure(
        frames.code(),
        bytes * 8 / seconds / 1e9,
        packets / seconds,
        (after.cpuNs - before.cpuNs) / (double) bytes,
        (after.allocatedBytes - before.allocatedBytes) / (double) packets,
        lostBytes);
  }

  private static void rest(long ns) {
    long endNs = System.nanoTime() + ns;
    long leftNs = ns;
    while (leftNs > 0) {
      LockSupport.parkNanos(leftNs);
      leftNs = endNs - System.nanoTime();
    }
  }

  private record Reading(
      long ns, long payloadBytes, long packets, long cpuNs, long allocatedBytes) {}

  private Reading read() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    return new Reading(
        System.nanoTime(),
        flow.arrivedBytes(),
        far.snapshot().peers().getFirst().rxPackets(),
        system.getProcessCpuTime(),
        threads.getTotalThreadAllocatedBytes());
  }

  @Override
  public void close() {
    engine.close();
  }
}
