package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.WallClock;

/**
 * What an engine needs of the world besides TUN devices.
 *
 * @param udp opens sockets
 * @param clock drives timers
 * @param wallClock dates handshakes
 * @param entropy makes keys and indexes
 * @param memoryGuard protects key memory
 * @param timestamps remembers handshake timestamps across restarts
 */
public record EnginePorts(
    UdpTransport.Provider udp,
    MonotonicClock clock,
    WallClock wallClock,
    EntropySource entropy,
    MemoryGuard memoryGuard,
    TimestampStore timestamps) {
  /**
   * Ports of an engine whose handshake timestamps are remembered for the life of the process only.
   */
  public EnginePorts(
      UdpTransport.Provider udp,
      MonotonicClock clock,
      WallClock wallClock,
      EntropySource entropy,
      MemoryGuard memoryGuard) {
    this(udp, clock, wallClock, entropy, memoryGuard, TimestampStore.NONE);
  }
}
