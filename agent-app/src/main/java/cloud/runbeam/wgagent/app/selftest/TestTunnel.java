package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.app.selftest.MemoryWire.Conditions;
import cloud.runbeam.wgagent.app.selftest.MemoryWire.Tally;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The two parties, the wire between them, and ways to wait for what happens on other threads, each
 * bounded.
 *
 * <pre>
 *   near ── MemoryWire: loss, duplicates, reordering ── far
 * </pre>
 */
final class TestTunnel implements AutoCloseable {
  /** Documentation addresses (RFC 5737): nothing here leaves the process. */
  private static final int NEAR_ADDRESS = 0xC000_0201;

  private static final int FAR_ADDRESS = 0xC633_6401;
  static final int SECOND_NEAR_ADDRESS = 0xC000_0202;
  private static final int NEAR_INNER_ADDRESS = 0x0A00_0001;
  private static final int FAR_INNER_ADDRESS = 0x0A00_0002;
  static final int FOREIGN_INNER_ADDRESS = 0x0A00_0063;

  private static final int BURST = 100;

  /** Several fit between a keepalive (10 s) and the handshake that its absence causes (15 s). */
  private static final Duration STEP = Duration.ofSeconds(1);

  private static final Duration ROUND = Duration.ofSeconds(6);
  private static final int MAX_ROUNDS = 5;

  /** Longer than the 5 s after which an initiation is repeated. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(8);

  private static final long POLL_NS = TimeUnit.MICROSECONDS.toNanos(200);

  final MovableClock clock;
  final MemoryWire wire;
  final Party near;
  final Party far;
  private final SplittableRandom random;
  private final byte[] presharedKey;

  private TestTunnel(PlatformPlugin platform, long seed) throws DeviceException {
    this.random = new SplittableRandom(seed);
    this.clock = new MovableClock(platform.monotonicClock(), platform.wallClock());
    this.wire = new MemoryWire(random.split());
    this.presharedKey = bytes(SecretKey.BYTES);
    MemoryWire.End nearEnd = wire.end(NEAR_ADDRESS);
    MemoryWire.End farEnd = wire.end(FAR_ADDRESS);
    this.near = new Party("near", ports(platform, nearEnd), nearEnd, NEAR_INNER_ADDRESS);
    this.far = new Party("far", ports(platform, farEnd), farEnd, FAR_INNER_ADDRESS);
  }

  private EnginePorts ports(PlatformPlugin platform, MemoryWire.End end) {
    return new EnginePorts(
        end, clock, clock, platform.entropy(), platform.memoryGuard(), TimestampStore.NONE);
  }

  /** Opens both ends and introduces them; only the near end knows where to send. */
  static TestTunnel open(PlatformPlugin platform, long seed)
      throws DeviceException, CheckFailedException {
    TestTunnel tunnel = new TestTunnel(platform, seed);
    boolean ready = false;
    try {
      tunnel.far.meet(tunnel.near, tunnel.near.publicKey(), tunnel.presharedKey, false);
      tunnel.near.meet(tunnel.far, tunnel.far.publicKey(), tunnel.presharedKey, true);
      tunnel.await(
          () -> tunnel.near.snapshot().up() && tunnel.far.snapshot().up(),
          "the devices did not open their sockets");
      ready = true;
      return tunnel;
    } finally {
      if (!ready) {
        tunnel.close();
      }
    }
  }

  /** Sends one packet with a random payload and requires that just this one comes out. */
  void carries(Party from, Party to, int payloadBytes) throws CheckFailedException {
    byte[] sent = from.send(to, bytes(payloadBytes));
    if (!Arrays.equals(takeFrom(to), sent)) {
      throw new CheckFailedException("another packet came out than went in");
    }
  }

  /** The next packet that comes out at {@code party}. */
  byte[] takeFrom(Party party) throws CheckFailedException {
    try {
      await(() -> !party.received().isEmpty(), "no packet came out");
    } catch (CheckFailedException e) {
      throw new CheckFailedException(e.getMessage() + " at " + party.lossesText());
    }
    return party.received().remove();
  }

  /**
   * Lets time pass as it would: in steps short enough for every timer to come in its turn, and only
   * when nothing is under way, which would seem to have taken that long.
   */
  void pass(Duration time) throws DeviceException, CheckFailedException {
    for (Duration left = time; left.isPositive(); left = left.minus(STEP)) {
      settle();
      clock.advance(left.compareTo(STEP) < 0 ? left : STEP);
    }
    settle();
  }

  /** Waits until both devices have done what there is to do: nobody sends any more. */
  private void settle() throws DeviceException, CheckFailedException {
    long before;
    do {
      before = wire.sent();
      await(wire::isQuiet, "datagrams are not received");
      // What a packet thread asks for is done when the conductor has come by twice.
      for (int i = 0; i < 2; i++) {
        near.nudge();
        far.nudge();
      }
      await(wire::isQuiet, "datagrams are not received");
    } while (wire.sent() != before);
  }

  /**
   * Lets both talk, and time pass if that is not enough, until something happens; every packet must
   * come out. Either side may be the one to begin a handshake.
   */
  void talkUntil(BooleanSupplier condition, String otherwise)
      throws DeviceException, CheckFailedException {
    for (int round = 0; round < MAX_ROUNDS && !condition.getAsBoolean(); round++) {
      if (round > 0) {
        pass(ROUND);
      }
      carries(near, far, 40);
      carries(far, near, 40);
      settle();
    }
    await(condition, otherwise);
  }

  /** Sends packets from near to far under conditions, and returns what the wire did to them. */
  Tally flight(int packets, Conditions conditions) throws CheckFailedException {
    far.received().clear();
    wire.conditions(conditions);
    for (int sent = 0; sent < packets; sent += BURST) {
      for (int i = 0; i < BURST; i++) {
        near.send(far, bytes(32));
      }
      long expected = (long) sent + BURST;
      await(() -> wire.tally().sent() == expected, "not every packet was sent");
    }
    Tally tally = wire.tally();
    wire.conditions(Conditions.PERFECT);
    return tally;
  }

  /** Waits until exactly that many packets have come out, and takes them. */
  void awaitReceived(Party party, long packets) throws CheckFailedException {
    await(
        () -> party.received().size() >= packets,
        "packets are missing that the network did not lose");
    int arrived = party.received().size();
    party.received().clear();
    if (arrived != packets) {
      throw new CheckFailedException(arrived + " packets came out instead of " + packets);
    }
  }

  /** Waits for a condition, a few seconds at most. */
  void await(BooleanSupplier condition, String otherwise) throws CheckFailedException {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - startNs > PATIENCE_NS) {
        throw new CheckFailedException(otherwise);
      }
      LockSupport.parkNanos(POLL_NS);
    }
  }

  /** Initiations sent by either. */
  long initiated() {
    return near.peer().handshakesInitiated() + far.peer().handshakesInitiated();
  }

  /** Handshakes completed, counted at both ends. */
  long completed() {
    return near.peer().handshakesCompleted() + far.peer().handshakesCompleted();
  }

  /** Packets lost for a reason at either end. */
  long drops(DropReason reason) {
    return near.drops(reason) + far.drops(reason);
  }

  byte[] presharedKey() {
    return presharedKey;
  }

  byte[] otherPresharedKey() {
    byte[] other = presharedKey.clone();
    other[0] ^= 1;
    return other;
  }

  /** The public key of somebody who is not here. */
  PublicKey strangersKey() {
    return PublicKey.fromBytes(bytes(PublicKey.BYTES));
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  @Override
  public void close() {
    near.close();
    far.close();
  }
}
