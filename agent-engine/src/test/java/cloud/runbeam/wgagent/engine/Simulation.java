package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.path.TimestampGuard;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.testkit.LinkConditions;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.engine.testkit.Seed;
import cloud.runbeam.wgagent.engine.testkit.TestPackets;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import cloud.runbeam.wgagent.engine.testkit.ToyNetwork;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Devices on a {@link ToyNetwork}, all driven by one thread and one clock: a run with the same seed
 * is the same run.
 */
final class Simulation implements AutoCloseable {
  /** How far the clock moves between two rounds. */
  private static final Duration TICK = Duration.ofMillis(5);

  private final ManualClock clock = new ManualClock();
  private final SplittableRandom random;
  private final ToyNetwork network;
  private final List<SteppedDevice> devices = new ArrayList<>();

  Simulation(String test) {
    this.random = Seed.random(test);
    this.network = new ToyNetwork(clock, random.split());
  }

  ManualClock clock() {
    return clock;
  }

  ToyNetwork network() {
    return network;
  }

  SplittableRandom random() {
    return random;
  }

  void conditions(LinkConditions conditions) {
    network.conditions(conditions);
  }

  /** A device on a host of its own. */
  SteppedDevice device(String label, String address, int port) {
    return device(label, network.host(address), port);
  }

  /** A device on a host that is there already. */
  SteppedDevice device(String label, ToyHost host, int port) {
    return device(label, host, port, TimestampStore.NONE);
  }

  /** A device that remembers its handshake timestamps in {@code store}. */
  SteppedDevice device(String label, ToyHost host, int port, TimestampStore store) {
    SteppedDevice device =
        new SteppedDevice(
            label, host, port, clock, new TimestampGuard(clock, store), random.nextLong());
    devices.add(device);
    return device;
  }

  /** Takes a device out, as if its process were killed. */
  void kill(SteppedDevice device) {
    devices.remove(device);
    device.close();
  }

  /** Tells {@code device} of {@code peer}: with prefixes and, if known, an endpoint. */
  void introduce(
      SteppedDevice device, SteppedDevice peer, @Nullable Endpoint endpoint, String... prefixes) {
    introduce(device, peer, endpoint, 0, prefixes);
  }

  /** As the other, with a persistent keepalive. */
  void introduce(
      SteppedDevice device,
      SteppedDevice peer,
      @Nullable Endpoint endpoint,
      int keepaliveSeconds,
      String... prefixes) {
    List<IpPrefix> allowed = new ArrayList<>();
    for (String prefix : prefixes) {
      allowed.add(IpPrefix.parse(prefix));
    }
    device.apply(
        DeviceChange.ofPeers(
            List.of(
                new PeerChange(
                    peer.publicKey(),
                    false,
                    false,
                    Optional.empty(),
                    Optional.ofNullable(endpoint),
                    Optional.of(keepaliveSeconds),
                    false,
                    allowed,
                    List.of()))));
  }

  /** Lets everything happen that can happen without time passing. */
  void settle() {
    boolean busy = true;
    while (busy) {
      busy = network.deliverDue() > 0;
      for (SteppedDevice device : devices) {
        busy |= device.step();
      }
    }
  }

  /** Lets time pass, a tick at a time, and everything happen that it brings. */
  void run(Duration time) {
    run(time, TICK);
  }

  /** As the other, with a tick of its own: long ones for long times. */
  void run(Duration time, Duration tick) {
    long endNs = clock.nowNs() + time.toNanos();
    settle();
    while (clock.nowNs() - endNs < 0) {
      clock.advanceNs(Math.min(tick.toNanos(), endNs - clock.nowNs()));
      settle();
    }
  }

  /** Routes a UDP packet whose payload is {@code text} into a tunnel. */
  static void send(SteppedDevice from, String source, String destination, String text) {
    from.tun().route(TestPackets.udp(source, destination, text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The payloads of the UDP packets that came out of a tunnel since the last call, in order. */
  static List<String> received(SteppedDevice device) {
    List<String> texts = new ArrayList<>();
    for (byte[] packet = device.tun().take(); packet != null; packet = device.tun().take()) {
      int header = (packet[0] >> 4 == 4 ? 20 : 40) + 8;
      texts.add(new String(packet, header, packet.length - header, StandardCharsets.UTF_8));
    }
    return texts;
  }

  @Override
  public void close() {
    devices.forEach(SteppedDevice::close);
  }
}
