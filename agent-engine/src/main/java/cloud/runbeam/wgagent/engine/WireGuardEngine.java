package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.crypto.AeadProvider;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.path.AgentRunner;
import cloud.runbeam.wgagent.engine.path.ConductorAgent;
import cloud.runbeam.wgagent.engine.path.Quiescence;
import cloud.runbeam.wgagent.engine.path.TimestampGuard;
import cloud.runbeam.wgagent.engine.status.ClockSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * WireGuard devices that share a conductor thread and the memory of their keys.
 *
 * <pre>{@code
 * try (WireGuardEngine engine = WireGuardEngine.start(ports)) {
 *   WireGuardDevice device = engine.open(tun);
 *   device.apply(change);
 *   ...
 * }
 * }</pre>
 *
 * <p>Any thread.
 */
public final class WireGuardEngine implements AutoCloseable {
  private static final int INITIAL_KEYS = 64;

  private final EnginePorts ports;
  private final KeyArena keys;
  private final AeadProvider aead;
  private final TimestampGuard timestamps;
  private final ConductorAgent conductor;
  private final AgentRunner conductorRunner;
  private final CopyOnWriteArrayList<WireGuardDevice> devices = new CopyOnWriteArrayList<>();

  private WireGuardEngine(EnginePorts ports) {
    this.ports = ports;
    this.keys = new KeyArena(ports.memoryGuard(), INITIAL_KEYS);
    this.aead = AeadProviders.best();
    this.timestamps = new TimestampGuard(ports.wallClock(), ports.timestamps());
    this.conductor = new ConductorAgent(ports.clock());
    this.conductorRunner = new AgentRunner(conductor, this::conductorEnded);
  }

  /** Starts an engine without devices: one thread, asleep. */
  public static WireGuardEngine start(EnginePorts ports) {
    WireGuardEngine engine = new WireGuardEngine(ports);
    engine.conductorRunner.start();
    return engine;
  }

  /**
   * Makes a WireGuard device of {@code tun}: without keys, port or peers, opening its sockets when
   * the link comes up.
   *
   * @param tun belongs to the device from now on
   */
  public WireGuardDevice open(TunDevice tun) {
    WireGuardDevice device = WireGuardDevice.start(tun, ports, timestamps, keys, aead, conductor);
    devices.removeIf(ended -> ended.closed().isDone());
    devices.add(device);
    return device;
  }

  /** The devices that have not ended. */
  public List<WireGuardDevice> devices() {
    devices.removeIf(device -> device.closed().isDone());
    return List.copyOf(devices);
  }

  /** Where secret keys live; allocate those here that are handed to a device. */
  public KeyArena keys() {
    return keys;
  }

  /** Which AEAD carries the data, and why it was chosen. */
  public String aeadName() {
    return aead.name();
  }

  /** A look at whether the threads get on, for one watcher. */
  public EnginePulse pulse() {
    return new EnginePulse(
        conductor,
        () -> {
          Map<String, Quiescence> threads = new HashMap<>();
          devices().forEach(device -> device.packetThreads(threads::put));
          return threads;
        });
  }

  /**
   * Whether the conductor still runs. Once it does not, no handshake and no change is possible any
   * more, and only a restart of the process helps.
   */
  public boolean isRunning() {
    return conductorRunner.thread().isAlive();
  }

  /** What is known of the wall clock. */
  public ClockSnapshot clock() {
    return timestamps.snapshot();
  }

  /** Closes all devices, ends the conductor, wipes all keys. Idempotent. */
  @Override
  public void close() {
    devices.forEach(WireGuardDevice::close);
    Thread thread = conductorRunner.thread();
    if (thread.isAlive()) {
      conductor.submitUrgent(conductor::end);
      joinUninterruptibly(thread);
    }
    keys.close();
  }

  private void conductorEnded(@Nullable Throwable failure) {
    if (failure != null) {
      devices.forEach(device -> device.fail(failure));
    }
  }

  static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
