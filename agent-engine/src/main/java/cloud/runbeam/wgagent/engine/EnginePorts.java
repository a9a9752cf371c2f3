package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
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
 */
public record EnginePorts(
    UdpTransport.Provider udp,
    MonotonicClock clock,
    WallClock wallClock,
    EntropySource entropy,
    MemoryGuard memoryGuard) {}
